// SPDX-License-Identifier: Apache-2.0
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Cluster, RunningController } from '../../runtime/Cluster';
import { Informer } from '../../runtime/Informer';
import {
  conditionOf,
  keyOf,
  matchesLabels,
  timestamp,
} from '../../runtime/resources';
import { NextVisit, WorkQueue } from '../../runtime/WorkQueue';
import { Conditions } from '../conditions';
import { requestedAtAnnotation } from '../fluxObjects';
import { visitAsked } from '../gitRepositoryController';
import { readToken } from '../secretToken';
import { StatusDraft } from '../StatusDraft';
import { ObjectSelector, Receiver, receivers } from './notificationObjects';
import { refusalOf, webhookPath } from './webhookCalls';

/** Where webhooks are received. */
export interface ReceiverOptions {
  /** Port on the loopback interface; 0 takes a free one. */
  readonly port: number;
  /** Told the address, `http://127.0.0.1:PORT`, when it is served. */
  readonly onListening?: (url: string) => void;
}

/** Longest body that is read, in bytes; the real controller has the same bound. */
const longestBody = 3 * 1024 * 1024;
/** How often receivers are looked at without a reason, in milliseconds. */
const usualInterval = 600_000;

class ReceiverController {
  constructor(
    private readonly cluster: Cluster,
    private readonly informer: Informer<Receiver>,
  ) {}

  async reconcile(key: string): Promise<NextVisit> {
    const object = this.informer.get(key);
    if (!object || object.spec.suspend) return undefined;
    const { client, scheduler } = this.cluster;
    const { generation = 1, namespace = '' } = object.metadata;
    const status = object.status ?? {};
    const draft = new StatusDraft(client, receivers, object, status);
    const conditions = new Conditions(status.conditions ?? [], generation, () =>
      timestamp(scheduler.now()),
    );
    const secret = { namespace, name: object.spec.secretRef.name };
    const token = await readToken(client, secret);
    if (token === undefined) {
      const message = `failed to read the token from secret '${keyOf(secret)}'`;
      const reason = 'TokenNotFound';
      await draft.send({
        conditions: conditions.with({
          type: 'Ready',
          status: 'False',
          reason,
          message,
        }).list,
        observedGeneration: generation,
      });
      return { after: 30_000 };
    }
    const path = webhookPath(token, object.metadata);
    await draft.send({
      conditions: conditions.with({
        type: 'Ready',
        status: 'True',
        reason: 'Succeeded',
        message: `Receiver initialized for path: ${path}`,
      }).list,
      observedGeneration: generation,
      webhookPath: path,
    });
    return { after: usualInterval };
  }

  async answer(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const end = (status: number, text = '') =>
      response.writeHead(status, { 'Content-Type': 'text/plain' }).end(text);
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const receiver = this.informer
      .list()
      .find(({ status }) => status?.webhookPath === path);
    if (request.method !== 'POST' || !receiver) {
      end(404);
      return;
    }
    const ready = conditionOf(receiver.status?.conditions, 'Ready');
    if (receiver.spec.suspend || ready?.status !== 'True') {
      end(503);
      return;
    }
    if (Number(request.headers['content-length'] ?? 0) > longestBody) {
      end(413);
      return;
    }
    const token = await readToken(this.cluster.client, {
      namespace: receiver.metadata.namespace,
      name: receiver.spec.secretRef.name,
    });
    const body = await buffer(request);
    const refusal = refusalOf(receiver, token ?? '', request.headers, body);
    if (refusal) {
      end(400, refusal);
      return;
    }
    for (const selector of receiver.spec.resources)
      await this.#ask(receiver, selector);
    end(200);
  }

  /** Asks for a look at what a selector means, of the Flux kinds that the cluster serves. */
  async #ask(
    { metadata }: Receiver,
    { apiVersion, kind, name, namespace, matchLabels }: ObjectSelector,
  ): Promise<void> {
    const { client, scheduler } = this.cluster;
    const resource = await client.resource(apiVersion ?? apiOf(kind), kind);
    if (!resource) throw new Error(`the cluster does not serve ${kind}`);
    const place = namespace ?? metadata.namespace;
    const value = scheduler.now().toISOString();
    const { items } = await client.list(resource);
    const meant = items.filter(
      ({ metadata: one }) =>
        one.namespace === place &&
        (name === '*'
          ? matchesLabels(matchLabels, one.labels)
          : one.name === name),
    );
    for (const one of meant) {
      await client.patch(resource, one.metadata, {
        metadata: { annotations: { [requestedAtAnnotation]: value } },
      });
    }
  }
}

function apiOf(kind: string): string {
  if (kind === 'Kustomization') return 'kustomize.toolkit.fluxcd.io/v1';
  if (kind === 'HelmRelease') return 'helm.toolkit.fluxcd.io/v2';
  if (kind.startsWith('Image')) return 'image.toolkit.fluxcd.io/v1';
  return 'source.toolkit.fluxcd.io/v1';
}

/** Plays the receiving half of Flux's notification controller: webhooks that ask for a look now. */
export function startReceiverController(
  cluster: Cluster,
  options: ReceiverOptions,
): RunningController {
  const informer = cluster.informers.of(receivers);
  const controller = new ReceiverController(cluster, informer);
  const queue = new WorkQueue({
    name: 'receiver',
    scheduler: cluster.scheduler,
    log: cluster.log,
    reconcile: key => controller.reconcile(key),
  });
  visitAsked(informer, queue);
  const server = createServer((request, response) => {
    controller.answer(request, response).catch(error => {
      cluster.log(`receiver ${request.url}: ${error}`);
      response.writeHead(500).end();
    });
  });
  server.on('error', error => cluster.log(`receiver: ${error}`));
  server.listen(options.port, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    options.onListening?.(`http://127.0.0.1:${port}`);
  });
  return {
    async stop() {
      const closed = new Promise(resolve => {
        server.close(resolve);
      });
      server.closeAllConnections();
      await closed;
      await queue.stop();
    },
  };
}
