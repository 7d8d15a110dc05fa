// SPDX-License-Identifier: Apache-2.0
import type { Column } from '../kinds/ResourceType';
import { listAt, textAt, valueAt } from '../objects';
import type { KubeObject } from '../objects';
import { ageColumn, column, nameColumn, textColumn, wide } from './columns';

const ROLE = 'node-role.kubernetes.io/';

/** The columns of `kubectl get nodes`. */
export const nodeColumns: readonly Column[] = [
  nameColumn,
  column('Status', nodeStatus),
  column('Roles', node => {
    const roles = Object.keys(node.metadata.labels ?? {})
      .filter(label => label.startsWith(ROLE))
      .map(label => label.slice(ROLE.length));
    return roles.sort().join(',') || '<none>';
  }),
  ageColumn,
  textColumn('Version', 'status.nodeInfo.kubeletVersion'),
  wide(column('Internal-IP', node => addressOf(node, 'InternalIP'))),
  wide(column('External-IP', node => addressOf(node, 'ExternalIP'))),
  wide(textColumn('OS-Image', 'status.nodeInfo.osImage', '<unknown>')),
  wide(
    textColumn('Kernel-Version', 'status.nodeInfo.kernelVersion', '<unknown>'),
  ),
  wide(
    textColumn(
      'Container-Runtime',
      'status.nodeInfo.containerRuntimeVersion',
      '<unknown>',
    ),
  ),
];

function nodeStatus(node: KubeObject): string {
  const ready = listAt(node, 'status', 'conditions').find(
    condition => textAt(condition, 'type') === 'Ready',
  );
  const words = [ready ? readiness(textAt(ready, 'status')) : 'Unknown'];
  if (valueAt(node, ['spec', 'unschedulable']) === true) {
    words.push('SchedulingDisabled');
  }
  return words.join(',');
}

function readiness(status: string): string {
  return status === 'True' ? 'Ready' : 'NotReady';
}

function addressOf(node: KubeObject, type: string): string {
  const address = listAt(node, 'status', 'addresses').find(
    candidate => textAt(candidate, 'type') === type,
  );
  return textAt(address, 'address') || '<none>';
}
