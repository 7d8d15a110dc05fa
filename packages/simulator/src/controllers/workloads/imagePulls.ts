// SPDX-License-Identifier: Apache-2.0
import { Pod } from './workloads';

const firstPause = 10_000;
const longestPause = 300_000;

/** How long a kubelet waits before it asks for an image again, in milliseconds, after so many failures. */
export function pullPause(failures: number): number {
  return Math.min(firstPause * 2 ** (failures - 1), longestPause);
}

const reasonOf = (image: string) =>
  `failed to pull and unpack image "${image}": failed to resolve reference "${image}": connect: connection refused`;

/** The status of a pod whose images a kubelet could not pull, until it asks again. */
export function unpulledStatus(pod: Pod, images: readonly string[]): object {
  return {
    containerStatuses: (pod.status?.containerStatuses ?? []).map(container => {
      const image = pod.spec.containers.find(
        ({ name }) => name === container.name,
      )?.image;
      if (!image || !images.includes(image)) return container;
      const message = `Back-off pulling image "${image}": ErrImagePull: ${reasonOf(
        image,
      )}`;
      return {
        ...container,
        state: { waiting: { reason: 'ImagePullBackOff', message } },
      };
    }),
  };
}

/** What a kubelet tells of images that it could not pull. */
export function pullEvents(images: readonly string[]) {
  return images.flatMap(image => [
    {
      type: 'Warning' as const,
      reason: 'Failed',
      message: `Failed to pull image "${image}": ${reasonOf(image)}`,
    },
    {
      type: 'Warning' as const,
      reason: 'Failed',
      message: 'Error: ErrImagePull',
    },
    {
      type: 'Normal' as const,
      reason: 'BackOff',
      message: `Back-off pulling image "${image}"`,
    },
  ]);
}
