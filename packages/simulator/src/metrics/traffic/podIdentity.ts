// SPDX-License-Identifier: Apache-2.0
import type { StringMap } from '../../controllers/runtime/resources';
import type { Container, Pod } from '../../controllers/workloads/workloads';
import type { PodIdentity } from './TrafficPod';

/** A container with what it may use. */
interface LimitedContainer extends Container {
  readonly resources?: { readonly limits?: StringMap };
}

/** Labels that name the application of a pod, the first that is there counts. */
const applicationLabels = ['app.kubernetes.io/name', 'app', 'name'];

/** Reads what does not change about a pod. */
export function identityOf({ metadata, spec }: Pod): PodIdentity {
  const { namespace = 'default', name, labels = {} } = metadata;
  const container: LimitedContainer = spec.containers[0];
  const label = applicationLabels.find(each => labels[each] !== undefined);
  const application = label ? labels[label] : ownerNameOf(name);
  const { limits = {} } = container.resources ?? {};
  return {
    namespace,
    name,
    // Flagger's copy of an application is the same application.
    application: application.replace(/-primary$/, ''),
    container: container.name,
    image: container.image,
    version: versionOf(container.image),
    node: spec.nodeName ?? '',
    limits: { cpu: quantityOf(limits.cpu), memory: quantityOf(limits.memory) },
  };
}

/** A pod of a Deployment carries two suffixes. */
function ownerNameOf(podName: string): string {
  return podName.replace(/-[^-]+-[^-]+$/, '');
}

/** The tag of an image, `latest` when it has none. */
export function versionOf(image: string): string {
  const [named] = image.split('@');
  return /:([^:/]+)$/.exec(named)?.[1] ?? 'latest';
}

const units: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
};

function quantityOf(text: string | undefined): number | undefined {
  const [, number, unit] =
    /^(\d+(?:\.\d+)?)([a-zA-Z]*)$/.exec(text ?? '') ?? [];
  const factor = units[unit ?? ''];
  return number === undefined || factor === undefined
    ? undefined
    : Number(number) * factor;
}
