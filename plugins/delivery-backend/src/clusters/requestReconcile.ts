// SPDX-License-Identifier: Apache-2.0
import {
  NotAllowedError,
  NotFoundError,
  ServiceUnavailableError,
} from '@backstage/errors';
import type { Target } from '@causeway/plugin-delivery-common';
import type { ClusterTransport, TransportFailure } from './ClusterTransport';
import { recordIn, textIn } from './fields';
import { namespaced } from './namespaced';
import { kustomizations } from './watchedKinds';

/** Flux acts when this annotation differs from `status.lastHandledReconcileAt`. */
const annotation = 'reconcile.fluxcd.io/requestedAt';

/** Collections of the sources that a Kustomization can name. */
const sources: Readonly<Record<string, string>> = {
  GitRepository: 'gitrepositories',
  OCIRepository: 'ocirepositories',
  Bucket: 'buckets',
};

/**
 * Annotates the source of a Kustomization and then the Kustomization, so that Flux fetches before
 * it applies. The source may live in another namespace and is read from the cluster, not from
 * memory, because memory may be old.
 * @param user - name to act under by impersonation
 * @throws NotAllowedError, NotFoundError, ServiceUnavailableError
 */
export async function requestReconcile(
  transport: ClusterTransport,
  target: Target,
  token: string,
  user: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { namespace } = target.kustomization;
  const path = namespaced(kustomizations.path, target.kustomization);
  const read = await transport.get(path, signal);
  if (!read.ok) throw errorFor(target, read.failure);
  const source = recordIn(recordIn(read.value, 'spec'), 'sourceRef');
  const collection = sources[textIn(source, 'kind') ?? ''];
  const sourceName = textIn(source, 'name');
  const paths =
    collection && sourceName
      ? [
          namespaced(`/apis/source.toolkit.fluxcd.io/v1/${collection}`, {
            namespace: textIn(source, 'namespace') ?? namespace,
            name: sourceName,
          }),
          path,
        ]
      : [path];
  const body = { metadata: { annotations: { [annotation]: token } } };
  for (const each of paths) {
    const answer = await transport.patch(each, body, { user }, signal);
    if (!answer.ok) throw errorFor(target, answer.failure);
  }
}

function errorFor(target: Target, failure: TransportFailure): Error {
  const { namespace, name } = target.kustomization;
  const sentence = `Flux in ${target.cluster} could not be asked to reconcile ${namespace}/${name}. ${failure.problem}`;
  switch (failure.kind) {
    case 'forbidden':
      return new NotAllowedError(sentence);
    case 'missing':
      return new NotFoundError(sentence);
    default:
      return new ServiceUnavailableError(sentence);
  }
}
