// SPDX-License-Identifier: Apache-2.0
import { Cluster, RunningController } from '../../runtime/Cluster';
import { KubernetesObject, keyOf, timestamp } from '../../runtime/resources';
import { NextVisit, WorkQueue } from '../../runtime/WorkQueue';
import { Conditions } from '../conditions';
import { parseDuration } from '../durations';
import { handledRequest } from '../fluxObjects';
import { visitAsked } from '../gitRepositoryController';
import { StatusDraft } from '../StatusDraft';
import {
  imagePolicies,
  ImagePolicy,
  ImagePolicyStatus,
  ImageReference,
  imageRepositories,
} from './imageObjects';
import { InvalidPolicyError, latestTag } from './latestTag';

/** Lists the tags of an image, named as `ImageRepository.spec.image`. Throws when the registry does not say. */
export type ImageTags = (image: string) => Promise<readonly string[]>;

/** How many tags a status shows. */
const shownTags = 10;
/** How soon something that failed is tried again, in milliseconds. */
const retryAfter = 30_000;

function conditionsOf(
  cluster: Cluster,
  object: KubernetesObject,
  status: ImagePolicyStatus,
) {
  return new Conditions(
    status.conditions ?? [],
    object.metadata.generation ?? 1,
    () => timestamp(cluster.scheduler.now()),
  );
}

function ready(reason: string, message: string, isReady = true) {
  return {
    type: 'Ready',
    status: isReady ? 'True' : 'False',
    reason,
    message,
  } as const;
}

class ImageController {
  readonly #tags = new Map<string, readonly string[]>();

  constructor(
    private readonly cluster: Cluster,
    private readonly tagsOf: ImageTags,
    private readonly repositories = cluster.informers.of(imageRepositories),
    private readonly policies = cluster.informers.of(imagePolicies),
  ) {}

  /** Lists the tags of a repository; `onScanned` is called with its key when they are known. */
  async scan(
    key: string,
    onScanned: (key: string) => void,
  ): Promise<NextVisit> {
    const object = this.repositories.get(key);
    if (!object || object.spec.suspend) return undefined;
    const { client, scheduler } = this.cluster;
    const status = object.status ?? {};
    const draft = new StatusDraft(client, imageRepositories, object, status);
    const conditions = conditionsOf(this.cluster, object, status);
    const { image, interval } = object.spec;
    try {
      const tags = await this.tagsOf(image);
      this.#tags.set(key, tags);
      await draft.send({
        conditions: conditions.with(
          ready('Succeeded', `successful scan: found ${tags.length} tags`),
        ).list,
        canonicalImageName: canonicalName(image),
        lastScanResult: {
          scanTime: timestamp(scheduler.now()),
          tagCount: tags.length,
          latestTags: tags.toSorted().reverse().slice(0, shownTags),
        },
        observedGeneration: object.metadata.generation,
        ...handledRequest(object),
      });
      onScanned(key);
      return { after: parseDuration(interval, 60_000) };
    } catch (error) {
      await draft.send({
        conditions: conditions.with(
          ready('ReadOperationFailed', `scan failed: ${error}`, false),
        ).list,
        ...handledRequest(object),
      });
      return { after: retryAfter };
    }
  }

  /** Finds the latest tag for a policy. */
  async choose(key: string): Promise<NextVisit> {
    const object = this.policies.get(key);
    if (!object || object.spec.suspend) return undefined;
    const { client } = this.cluster;
    const status = object.status ?? {};
    const draft = new StatusDraft(client, imagePolicies, object, status);
    const conditions = conditionsOf(this.cluster, object, status);
    const repository = this.repositories.get(repositoryKey(object));
    const tags = this.#tags.get(repositoryKey(object));
    const fail = async (reason: string, message: string) => {
      const list = conditions.with(ready(reason, message, false)).list;
      await draft.send({ conditions: list, ...handledRequest(object) });
    };
    if (!repository || !tags) {
      const name = repositoryKey(object);
      await fail(
        'DependencyNotReady',
        `referenced ImageRepository '${name}' has not been scanned yet`,
      );
      return { after: retryAfter };
    }
    try {
      const { policy, filterTags } = object.spec;
      const tag = latestTag(tags, policy, filterTags);
      if (!tag) throw new Error('no image found for policy');
      const found = { name: repository.spec.image, tag };
      const previous = status.latestRef;
      const isNew = previous !== undefined && previous.tag !== tag;
      await draft.send({
        conditions: conditions.with(
          ready('Succeeded', sentence(found, isNew ? previous : undefined)),
        ).list,
        latestRef: found,
        ...(isNew ? { observedPreviousRef: previous } : {}),
        observedGeneration: object.metadata.generation,
        ...handledRequest(object),
      });
    } catch (error) {
      const isInvalid = error instanceof InvalidPolicyError;
      const message = error instanceof Error ? error.message : String(error);
      await fail(isInvalid ? 'InvalidPolicy' : 'NoMatchingTag', message);
    }
    return undefined;
  }

  /** The policies of a repository. */
  policiesOf(key: string): readonly ImagePolicy[] {
    return this.policies.list().filter(one => repositoryKey(one) === key);
  }
}

function sentence(
  { name, tag }: ImageReference,
  previous: ImageReference | undefined,
): string {
  return previous
    ? `Latest image tag for ${name} updated from ${previous.tag} to ${tag}`
    : `Latest image tag for ${name} resolved to ${tag}`;
}

function canonicalName(image: string): string {
  const [registry] = image.split('/');
  return /[.:]/.test(registry) ? image : `index.docker.io/${image}`;
}

function repositoryKey({ metadata, spec }: ImagePolicy): string {
  const { namespace = metadata.namespace, name } = spec.imageRepositoryRef;
  return keyOf({ namespace, name });
}

/** Plays Flux's image-reflector-controller over a list of tags that somebody else knows. */
export function startImageController(
  cluster: Cluster,
  tagsOf: ImageTags,
): RunningController {
  const controller = new ImageController(cluster, tagsOf);
  const { scheduler, log } = cluster;
  const policies = new WorkQueue({
    name: 'imagepolicy',
    scheduler,
    log,
    reconcile: key => controller.choose(key),
  });
  const repositories = new WorkQueue({
    name: 'imagerepository',
    scheduler,
    log,
    reconcile: key =>
      controller.scan(key, scanned => {
        for (const { metadata } of controller.policiesOf(scanned))
          policies.add(keyOf(metadata));
      }),
  });
  visitAsked(cluster.informers.of(imageRepositories), repositories);
  visitAsked(cluster.informers.of(imagePolicies), policies);
  return {
    async stop() {
      await repositories.stop();
      await policies.stop();
    },
  };
}
