// SPDX-License-Identifier: Apache-2.0
import type { WaveCommand, WaveDecision } from '../decision';
import type { WaveDevice } from '../device';
import { decideWave } from '../decideWave';
import { explainWave } from '../explain';
import { defaultWavePolicy, type WavePolicy } from '../policy';
import { startWave, type WaveState } from '../state';

const minute = 60_000;

/** A wave to play with: devices do what the test says, and nothing else. */
export class Stage {
  now = 0;
  state: WaveState;
  readonly log: WaveDecision[] = [];
  readonly devices = new Map<string, WaveDevice>();

  constructor(
    devices: readonly WaveDevice[],
    policy: Partial<WavePolicy> = {},
  ) {
    for (const device of devices) this.devices.set(device.id, device);
    this.state = startWave(
      {
        id: 'wave',
        target: 'new',
        policy: { ...defaultWavePolicy, ...policy },
      },
      devices,
      0,
    );
    this.turn();
  }

  /** Lets the wave decide once. */
  turn(
    ids: readonly string[] = [],
    commands: readonly WaveCommand[] = [],
    removed: readonly string[] = [],
  ): readonly WaveDecision[] {
    const devices = ids.flatMap(id => this.devices.get(id) ?? []);
    const input = { devices, commands, removed };
    const { state, decisions } = decideWave(this.state, input, this.now);
    this.state = state;
    this.log.push(...decisions);
    return decisions;
  }

  /** Devices are other than before; the wave is told. */
  see(change: Partial<WaveDevice>, ...ids: string[]): readonly WaveDecision[] {
    for (const id of ids)
      this.devices.set(id, { ...this.device(id), ...change, id });
    return this.turn(ids);
  }

  /** Time goes by, half a minute at a time. */
  pass(minutes: number): void {
    for (let step = 0; step < 2 * minutes; step++) {
      this.now += minute / 2;
      this.turn();
    }
  }

  /** Time goes by, and connected devices do what they are ordered, at once and well, but for the stubborn. */
  live(minutes: number, ...stubborn: string[]): void {
    for (let step = 0; step < 2 * minutes; step++) {
      this.now += minute / 2;
      const changed = this.state.devices.flatMap(({ device, progress }) => {
        const { id } = device;
        const mine = this.device(id);
        if (!mine.connected || stubborn.includes(id)) return [];
        const wanted = { inFlight: 'new', takingBack: 'old' }[
          progress.phase as string
        ];
        if (wanted === undefined || mine.running === wanted) return [];
        this.devices.set(id, { ...mine, running: wanted, health: 'ok' });
        return [id];
      });
      this.turn(changed);
    }
  }

  device(id: string): WaveDevice {
    const device = this.devices.get(id);
    if (!device) throw new Error(`There is no ${id}.`);
    return device;
  }

  phase(id: string): string | undefined {
    return this.state.devices.find(({ device }) => device.id === id)?.progress
      .phase;
  }

  sentence(id: string): string | undefined {
    return explainWave(this.state, this.now).find(each => each.device === id)
      ?.sentence;
  }

  /** The ids of devices in a phase, in plan order. */
  in(phase: string): readonly string[] {
    return this.state.devices
      .filter(({ progress }) => progress.phase === phase)
      .map(({ device }) => device.id);
  }

  /** Decisions of a kind, as ids of devices. */
  of(kind: WaveDecision['kind']): readonly string[] {
    return this.log.flatMap(each =>
      each.kind === kind && 'device' in each ? [each.device] : [],
    );
  }
}
