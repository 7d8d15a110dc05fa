// SPDX-License-Identifier: Apache-2.0
import { Machines } from './Machines';

/** Machines that never fail: always on, always near, with nothing to pull and no GPU. */
export const healthyMachines: Machines = {
  isRunning: () => true,
  isConnected: () => true,
  bootedAt: () => new Date(0),
  killedAt: () => undefined,
  pressure: () => ({ memory: false, disk: false, processes: false }),
  clockSkew: () => 0,
  graphicsProcessors: () => 0,
  pullDuration: () => 0,
  onChange: () => () => undefined,
};
