// SPDX-License-Identifier: Apache-2.0
import { healthyMachines } from '../nodes/healthyMachines';
import { Machines } from '../nodes/Machines';
import { Cluster, RunningController } from '../runtime/Cluster';
import { startDeviceController, TwinLayout } from './deviceController';
import { EdgeConsole } from './EdgeConsole';
import { startEdgeApplicationController } from './edgeApplicationController';
import { startEdgeJobController } from './edgeJobController';
import { startNodeGroupController } from './nodeGroupController';
import { obedientDevices, TwinSource } from './TwinSource';

/** How KubeEdge is played. */
export interface KubeEdgeSettings {
  /** Where twins are kept. Default `deviceStatus`, as from KubeEdge 1.23 on. */
  readonly twinLayout?: TwinLayout;
  /** The devices behind the edge nodes; obedient ones when left out. */
  readonly twins?: TwinSource;
  /** What people do at the devices; nobody is there when left out. */
  readonly console?: EdgeConsole;
}

/** Plays KubeEdge: cloudcore and what its edge nodes and mappers report, on a cluster that has its kinds. */
export function startKubeEdge(
  cluster: Cluster,
  settings: KubeEdgeSettings = {},
  machines: Machines = healthyMachines,
): RunningController {
  const {
    twinLayout = 'deviceStatus',
    twins = obedientDevices(),
    console = new EdgeConsole(),
  } = settings;
  const running = [
    startDeviceController(cluster, { twins, twinLayout, machines }),
    startNodeGroupController(cluster),
    startEdgeApplicationController(cluster),
    startEdgeJobController(cluster, { machines, console }),
  ];
  return {
    async stop() {
      await Promise.all(running.map(controller => controller.stop()));
    },
  };
}
