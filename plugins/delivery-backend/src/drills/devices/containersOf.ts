// SPDX-License-Identifier: Apache-2.0
import type { DrillDevice, Target } from '@causeway/plugin-delivery-common';
import type { DeviceActionCluster } from '@causeway/plugin-delivery-node';
import { listIn, recordIn, textIn } from '../../clusters/fields';
import { isOfTargets } from '../../fleet/servicePods';
import { trimPod } from '../../fleet/trimPods';
import { FaultRefused } from '../DrillExecutor';

/**
 * The ids of the containers of the service on the device, as its runtime knows them.
 * @throws FaultRefused when there are none, or one of them does not run
 */
export async function containersOf(
  cluster: Pick<DeviceActionCluster, 'list'>,
  device: DrillDevice,
  targets: readonly Target[],
): Promise<readonly string[]> {
  const pods = await cluster.list('/api/v1/pods', {
    fields: `spec.nodeName=${device.name}`,
  });
  const own = pods.filter(object => {
    const pod = trimPod(object);
    return (
      pod &&
      pod.state !== 'ending' &&
      pod.state !== 'finished' &&
      isOfTargets(pod, device.cluster, targets)
    );
  });
  const statuses = own.flatMap(pod =>
    listIn(recordIn(pod, 'status'), 'containerStatuses'),
  );
  const ids = statuses.flatMap(each => {
    const [, id] =
      /^[a-z-]+:\/\/([0-9a-f]{64})$/.exec(textIn(each, 'containerID') ?? '') ??
      [];
    const isRunning = recordIn(recordIn(each, 'state'), 'running');
    return isRunning && id !== undefined ? id : [];
  });
  if (ids.length > 0 && ids.length === statuses.length) return ids;
  throw new FaultRefused(
    `${device.name}: not every container of the service runs there, so none was killed.`,
  );
}
