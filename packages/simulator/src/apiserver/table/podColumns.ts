// SPDX-License-Identifier: Apache-2.0
import type { Column } from '../kinds/ResourceType';
import { listAt, numberAt, objectAt, textAt, valueAt } from '../objects';
import type { KubeObject } from '../objects';
import { ageColumn, column, nameColumn, textColumn, wide } from './columns';

/** The columns of `kubectl get pods`. */
export const podColumns: readonly Column[] = [
  nameColumn,
  column('Ready', pod => {
    const ready = statusesOf(pod).filter(status => status.ready === true);
    return `${ready.length}/${listAt(pod, 'spec', 'containers').length}`;
  }),
  column('Status', podStatus),
  column('Restarts', pod =>
    String(
      statusesOf(pod).reduce(
        (sum, status) => sum + numberAt(status, ['restartCount'], 0),
        0,
      ),
    ),
  ),
  ageColumn,
  wide(textColumn('IP', 'status.podIP', '<none>')),
  wide(textColumn('Node', 'spec.nodeName', '<none>')),
  wide(textColumn('Nominated Node', 'status.nominatedNodeName', '<none>')),
  wide(
    column('Readiness Gates', pod => {
      const gates = listAt(pod, 'spec', 'readinessGates');
      if (gates.length === 0) return '<none>';
      const conditions = listAt(pod, 'status', 'conditions');
      const passed = gates.filter(gate =>
        conditions.some(
          condition =>
            textAt(condition, 'type') === textAt(gate, 'conditionType') &&
            textAt(condition, 'status') === 'True',
        ),
      );
      return `${passed.length}/${gates.length}`;
    }),
  ),
];

function statusesOf(pod: KubeObject) {
  return listAt(pod, 'status', 'containerStatuses').map(status =>
    objectAt(status),
  );
}

/** The one word kubectl shows for a pod: the worst thing known of it. */
function podStatus(pod: KubeObject): string {
  const phase = textAt(pod, 'status', 'phase');
  const ofPod = textAt(pod, 'status', 'reason') || phase;
  if (pod.metadata.deletionTimestamp) {
    return ofPod === 'NodeLost' ? 'Unknown' : 'Terminating';
  }
  for (const status of statusesOf(pod)) {
    const reason =
      textAt(status, 'state', 'waiting', 'reason') ||
      textAt(status, 'state', 'terminated', 'reason');
    if (reason) return reason;
    const code = valueAt(status, ['state', 'terminated', 'exitCode']);
    if (code !== undefined) return `ExitCode:${code}`;
  }
  return ofPod;
}
