// SPDX-License-Identifier: Apache-2.0
import { createHmac } from 'node:crypto';
import { Cluster, RunningController } from '../../runtime/Cluster';
import { Informer } from '../../runtime/Informer';
import { keyOf, StringMap } from '../../runtime/resources';
import { readToken } from '../secretToken';
import { annotated, FluxEvent, fluxEventOf, isWanted } from './fluxEvents';
import {
  Alert,
  alerts,
  CoreEvent,
  coreEvents,
  Provider,
  providers,
} from './notificationObjects';

/** The same news is not told again for so long, in milliseconds. */
const quietTime = 5 * 60_000;
/** How long a post may take, in milliseconds. */
const postTimeout = 15_000;

/** Posts what happens to Flux's objects to the providers that alerts name. Posts are hints: a lost one is logged and not sent again. */
class AlertDispatcher {
  readonly #told = new Map<string, number>();
  #queue: Promise<void> = Promise.resolve();

  constructor(
    private readonly cluster: Cluster,
    private readonly rules: Informer<Alert>,
    private readonly receivers: Informer<Provider>,
  ) {}

  tell(event: CoreEvent): void {
    const news = fluxEventOf(event);
    if (!news) return;
    this.#queue = this.#queue
      .then(() => this.#tell(news))
      .catch(error =>
        this.cluster.log(`alert about ${news.involvedObject.name}: ${error}`),
      );
  }

  flush(): Promise<void> {
    return this.#queue;
  }

  async #tell(event: FluxEvent): Promise<void> {
    const labels = await this.#labelsOf(event);
    for (const alert of this.rules.list()) {
      if (!isWanted(alert, event, labels) || this.#isRepeated(alert, event))
        continue;
      const provider = this.receivers.get(
        keyOf({
          namespace: alert.metadata.namespace,
          name: alert.spec.providerRef.name,
        }),
      );
      if (provider && !provider.spec.suspend)
        await this.#post(provider, annotated(event, alert));
    }
  }

  #isRepeated({ metadata }: Alert, event: FluxEvent): boolean {
    const now = this.cluster.scheduler.now().getTime();
    const { involvedObject, reason, message, metadata: notes } = event;
    const identity = JSON.stringify([
      metadata.uid,
      involvedObject.uid,
      reason,
      message,
      notes,
    ]);
    for (const [key, until] of this.#told)
      if (until <= now) this.#told.delete(key);
    if (this.#told.has(identity)) return true;
    this.#told.set(identity, now + quietTime);
    return false;
  }

  async #labelsOf({
    involvedObject,
  }: FluxEvent): Promise<StringMap | undefined> {
    const asked = this.rules
      .list()
      .some(({ spec }) =>
        spec.eventSources.some(({ matchLabels }) => matchLabels),
      );
    if (!asked) return undefined;
    const { apiVersion = '', kind } = involvedObject;
    const { client } = this.cluster;
    const resource = await client.resource(apiVersion, kind);
    const object = resource && (await client.get(resource, involvedObject));
    return object?.metadata.labels;
  }

  async #post({ metadata, spec }: Provider, event: FluxEvent): Promise<void> {
    const secret = spec.secretRef && {
      namespace: metadata.namespace,
      name: spec.secretRef.name,
    };
    const { client } = this.cluster;
    const hidden = secret && (await readToken(client, secret, 'address'));
    const address = hidden ?? spec.address;
    if (!address)
      throw new Error(`provider ${metadata.name} has no address to post to`);
    const body = JSON.stringify(event);
    const headers: Record<string, string> = {
      'Content-Type': 'application/json',
      'Gotk-Component': event.reportingController,
    };
    if (spec.type === 'generic-hmac') {
      const token = (secret && (await readToken(client, secret))) ?? '';
      const digest = createHmac('sha256', token).update(body).digest('hex');
      headers['X-Signature'] = `sha256=${digest}`;
    } else if (spec.type !== 'generic') {
      throw new Error(
        `provider ${metadata.name}: only generic and generic-hmac are simulated`,
      );
    }
    const response = await fetch(address, {
      method: 'POST',
      headers,
      body,
      signal: AbortSignal.timeout(postTimeout),
    });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${address} answered ${response.status}`);
  }
}

/** Plays the sending half of Flux's notification controller. It learns of events from the API server, not from the other controllers. */
export function startAlertController(cluster: Cluster): RunningController {
  const dispatcher = new AlertDispatcher(
    cluster,
    cluster.informers.of(alerts),
    cluster.informers.of(providers),
  );
  const informer = cluster.informers.of(coreEvents);
  let live = false;
  informer.onChange((event, previous) => {
    // What was there before the start has been told by somebody else, or is old.
    if (live && event && event.count !== previous?.count)
      dispatcher.tell(event);
  });
  informer.synced.then(() => {
    live = true;
  });
  return { stop: () => dispatcher.flush() };
}
