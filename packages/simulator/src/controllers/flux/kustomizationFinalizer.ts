// SPDX-License-Identifier: Apache-2.0
import { KubernetesClient } from '../runtime/KubernetesClient';
import { Applier } from './Applier';
import { Kustomization, kustomizations } from './fluxObjects';

const finalizer = 'finalizers.fluxcd.io';

/** Makes sure that nobody deletes a Kustomization before its objects are cleaned up. */
export async function ensureFinalizer(
  client: KubernetesClient,
  { metadata }: Kustomization,
): Promise<void> {
  if (metadata.finalizers?.includes(finalizer)) return;
  const finalizers = [...(metadata.finalizers ?? []), finalizer];
  await client.patch(kustomizations, metadata, { metadata: { finalizers } });
}

/** Before a Kustomization goes, what it has applied goes, unless it is suspended or does not prune. */
export async function finalize(
  client: KubernetesClient,
  applier: Applier,
  object: Kustomization,
): Promise<void> {
  const { metadata, spec, status } = object;
  if (!metadata.finalizers?.includes(finalizer)) return;
  if (spec.prune && !spec.suspend)
    await applier.prune(object, status?.inventory?.entries ?? []);
  const finalizers = metadata.finalizers.filter(other => other !== finalizer);
  await client.patch(kustomizations, metadata, { metadata: { finalizers } });
}
