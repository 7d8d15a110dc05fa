// SPDX-License-Identifier: Apache-2.0
import { listAt, textAt } from '../objects';
import type { KubeObject } from '../objects';
import { badRequest } from '../status';
import type { SubresourceHandler } from './Subresource';

/** `GET pods/NAME/log`: what a container printed. */
export const podLog: SubresourceHandler = {
  kind: 'Pod',
  verbs: ['get'],
  get({ object, parameters, podLog: read }) {
    const container = containerOf(object, parameters.get('container'));
    const count = (name: string) => {
      const text = parameters.get(name);
      return text === null ? undefined : Number(text);
    };
    return {
      kind: 'text',
      chunks: read(container, {
        follow: parameters.get('follow') === 'true',
        previous: parameters.get('previous') === 'true',
        timestamps: parameters.get('timestamps') === 'true',
        tailLines: count('tailLines'),
        sinceSeconds: count('sinceSeconds'),
      }),
    };
  },
};

function containerOf(pod: KubeObject, wanted: string | null): string {
  const name = pod.metadata.name;
  const names = ['containers', 'initContainers'].flatMap(list =>
    listAt(pod, 'spec', list).map(container => textAt(container, 'name')),
  );
  if (wanted) {
    if (names.includes(wanted)) return wanted;
    throw badRequest(`container ${wanted} is not valid for pod ${name}`);
  }
  const own = listAt(pod, 'spec', 'containers').map(one => textAt(one, 'name'));
  if (own.length === 1) return own[0];
  throw badRequest(
    `a container name must be specified for pod ${name}, choose one of: [${own.join(
      ' ',
    )}]`,
  );
}
