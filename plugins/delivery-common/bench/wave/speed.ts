// SPDX-License-Identifier: Apache-2.0
import { Random } from '../canary/random';
import { decideWave } from '../../src/wave/decideWave';
import type { WaveDevice } from '../../src/wave/device';
import { wavePolicyFor } from '../../src/wave/policy';
import { previewWave } from '../../src/wave/preview';
import { startWave } from '../../src/wave/state';
import { makeFleet } from './fleet';

const minute = 60_000;

function devicesOf(size: number): WaveDevice[] {
  return makeFleet(new Random(1), size).map(({ id, site, hardware }) => ({
    id,
    site,
    hardware,
    connected: true,
    running: 'old',
    health: 'ok',
    image: 'present',
  }));
}

function waveOf(devices: readonly WaveDevice[]) {
  return { id: 'wave', target: 'new', policy: wavePolicyFor(devices) };
}

const processorTime = () => process.cpuUsage().user / 1_000;

/** Milliseconds of processor time to preview a wave; the least of five. */
export function previewTime(size: number): number {
  const devices = devicesOf(size);
  const times = Array.from({ length: 5 }, () => {
    const began = processorTime();
    previewWave(waveOf(devices), devices);
    return processorTime() - began;
  });
  return Math.min(...times);
}

/** The same of the decisions of a wave in which devices do as they are told, one each half minute: the mean. */
export function decisionTime(size: number): number {
  const devices = devicesOf(size);
  let state = startWave(waveOf(devices), devices, 0);
  let changed: WaveDevice[] = [];
  let time = 0;
  let turns = 0;
  for (let now = 0; now < 180 * minute; now += minute / 2) {
    const began = processorTime();
    state = decideWave(state, { devices: changed }, now).state;
    time += processorTime() - began;
    turns++;
    changed = state.devices.flatMap(({ device, progress }) =>
      progress.phase === 'inFlight' && device.running !== 'new'
        ? [{ ...device, running: 'new' }]
        : [],
    );
  }
  return time / turns;
}
