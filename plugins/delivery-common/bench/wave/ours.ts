// SPDX-License-Identifier: Apache-2.0
import { decideWave } from '../../src/wave/decideWave';
import type { WaveDecision } from '../../src/wave/decision';
import type { DeviceInWave } from '../../src/wave/device';
import { wavePolicyFor, type WavePolicy } from '../../src/wave/policy';
import { startWave, type WaveState } from '../../src/wave/state';
import type { Engine, MakeEngine } from './Simulation';
import type { SimulatedDevice } from './SimulatedDevice';

class Ours implements Engine {
  wrongOrders = 0;
  #state: WaveState | undefined;
  #progress = new Map<string, DeviceInWave['progress']['phase']>();
  readonly #byId: ReadonlyMap<string, SimulatedDevice>;

  constructor(
    devices: readonly SimulatedDevice[],
    private readonly change: Partial<WavePolicy>,
    private readonly restarts: boolean,
    private readonly log: WaveDecision[] | undefined,
  ) {
    this.#byId = new Map(devices.map(each => [each.fate.id, each]));
  }

  tick(now: number, changed: ReadonlySet<SimulatedDevice>): void {
    this.#state ??= this.#begin(now);
    const input = { devices: [...changed].map(each => each.observe()) };
    const { state, decisions } = decideWave(this.#state, input, now);
    this.#state = this.restarts ? JSON.parse(JSON.stringify(state)) : state;
    this.log?.push(...decisions);
    for (const decision of decisions) this.#do(decision);
    this.#progress = new Map(
      state.devices.map(({ device, progress }) => [device.id, progress.phase]),
    );
  }

  #begin(now: number): WaveState {
    const devices = [...this.#byId.values()].map(each => each.observe());
    const policy = { ...wavePolicyFor(devices), ...this.change };
    return startWave({ id: 'wave', target: 'new', policy }, devices, now);
  }

  #do(decision: WaveDecision): void {
    if (!('device' in decision)) return;
    const device = this.#byId.get(decision.device);
    if (!device) return;
    switch (decision.kind) {
      case 'prePull':
        device.pull();
        break;
      case 'order':
        if (this.#isWrong(device)) this.wrongOrders++;
        device.order('new', decision.order);
        break;
      case 'takeBack':
        device.order('old', decision.order);
        break;
      case 'withdraw':
        device.withdraw(decision.order);
        break;
      default:
    }
  }

  #isWrong(device: SimulatedDevice): boolean {
    return (
      this.gaveUp() ||
      !device.isSeen ||
      device.isHeld ||
      device.isHot ||
      (device.isFull && device.image !== 'present')
    );
  }

  believes({ fate }: SimulatedDevice): boolean {
    const phase = this.#progress.get(fate.id);
    return phase === 'proven' || phase === 'soaking';
  }

  isProving({ fate }: SimulatedDevice): boolean {
    return this.#progress.get(fate.id) === 'soaking';
  }

  gaveUp(device?: SimulatedDevice): boolean {
    if (this.#state?.stop) return true;
    const phase = device && this.#progress.get(device.fate.id);
    return (
      phase !== undefined &&
      !['waiting', 'inFlight', 'soaking', 'proven'].includes(phase)
    );
  }
}

/** The runner of this product. `restarts` passes its state through JSON after every decision. */
export function ours(
  change: Partial<WavePolicy> = {},
  { restarts = false, log }: { restarts?: boolean; log?: WaveDecision[] } = {},
): MakeEngine {
  return devices => new Ours(devices, change, restarts, log);
}
