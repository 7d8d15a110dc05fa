// SPDX-License-Identifier: Apache-2.0
import {
  decideWave,
  reportWave,
  startWave,
  unobservedSince,
  waveOf,
  type Promotion,
  type WaveCommand,
  type WaveDecision,
  type WaveReport,
  type WaveState,
} from '@causeway/plugin-delivery-common';
import type { StageDevice } from './observeDevices';
import { exclusionsOf, type WaveOverlays } from './overlaySteps';
import { imagesBefore } from './templateSeen';
import type { WaveTemplate } from './waveEvents';
import type { StoredWave } from './WaveStore';

/** The next state of a wave, from what was said and what is seen. */
export function decide(
  wave: StoredWave,
  promotion: Promotion,
  devices: ReadonlyMap<string, StageDevice>,
  about: {
    readonly now: number;
    readonly superseded: string | undefined;
    /** Whether there is anything that a device could be taken back to. */
    readonly canGoBack: (device: string) => boolean;
    /** Devices of which nothing can be said now. */
    readonly unheard: ReadonlySet<string>;
    /** Devices with an overlay each go back without the others. */
    readonly overlays?: WaveOverlays;
    readonly longestGap: number;
  },
): { readonly state: WaveState; readonly decisions: readonly WaveDecision[] } {
  const { now, overlays } = about;
  const seen = [...devices.values()].map(({ device }) =>
    promotion.kind === 'rollback' ? withoutFault(device) : device,
  );
  const silent = (wave.state?.devices ?? [])
    .filter(({ device }) => about.unheard.has(device.id))
    .map(({ device }) => ({ ...device, connected: false }));
  const before = wave.state ?? startWave(waveOf(promotion, seen), seen, now);
  const lastLook = wave.lookedAt ? Date.parse(wave.lookedAt) : now;
  const state =
    now - lastLook > about.longestGap
      ? unobservedSince(before, lastLook)
      : before;
  const removed = state.devices
    .filter(
      ({ device, gone }) =>
        gone === undefined &&
        !devices.has(device.id) &&
        !about.unheard.has(device.id),
    )
    .map(({ device }) => device.id);
  const turn = decideWave(
    state,
    {
      devices: [...seen, ...silent],
      removed,
      commands: [
        ...(overlays ? exclusionsOf(overlays) : []),
        ...wave.said.map(({ command }) => command),
        ...supersedes(about.superseded),
      ],
    },
    now,
  );
  const more = followUp(turn.state, about);
  if (more.length === 0) return turn;
  const next = decideWave(turn.state, { commands: more }, now);
  return {
    state: next.state,
    decisions: [...turn.decisions, ...next.decisions],
  };
}

/** What runs again what it ran before is not judged: there is nothing it could be taken back to. */
function withoutFault(device: StageDevice['device']): StageDevice['device'] {
  return device.health === 'failed' ? { ...device, health: 'unknown' } : device;
}

function supersedes(version: string | undefined): readonly WaveCommand[] {
  return version === undefined
    ? []
    : [
        {
          kind: 'supersede',
          reason: `The stage is on its way to ${version}.`,
        },
      ];
}

/**
 * While the template holds what ran before, a device that is ordered would get that. So nothing is
 * ordered from the moment in which one has to go back until the template holds the release again.
 */
function followUp(
  state: WaveState,
  {
    now,
    canGoBack,
    overlays,
  }: {
    readonly now: number;
    readonly canGoBack: (device: string) => boolean;
    readonly overlays?: WaveOverlays;
  },
): readonly WaveCommand[] {
  const goingBack = devicesGoingBack(state, now);
  const isPaused = state.pauses.some(({ kind }) => kind === 'takingBack');
  if (state.stop) return [];
  const stuck = goingBack.find(({ device }) => !canGoBack(device.id));
  if (stuck)
    return [
      {
        kind: 'stop',
        takeBack: false,
        reason: `${stuck.device.id} failed, and it is not known what it could be taken back to.`,
      },
    ];
  if (overlays) return [];
  if (goingBack.length > 0 && !isPaused)
    return [
      {
        kind: 'pause',
        by: 'takingBack',
        reason: `${goingBack
          .map(({ device }) => device.id)
          .join(', ')} is taken back first.`,
      },
    ];
  return goingBack.length === 0 && isPaused
    ? [{ kind: 'resume', by: 'takingBack' }]
    : [];
}

/** It has the release, and shall not keep it. */
function isOwed({ progress }: WaveState['devices'][number]): boolean {
  const { phase } = progress;
  return phase === 'failed' || phase === 'owed' || phase === 'takingBack';
}

/**
 * The devices that get what the template holds as soon as they can. One that goes away meanwhile is waited for
 * as long as for any other, or Git would say one thing and then the other each time a device boots that the
 * release makes boot again and again. One that stays away is looked at when it is back.
 */
function devicesGoingBack(
  { devices, policy }: WaveState,
  now: number,
): WaveState['devices'] {
  return devices.filter(
    ({ progress, awaySince = now, gone, device }) =>
      progress.phase === 'takingBack' &&
      now - awaySince < policy.awayAfter &&
      gone === undefined &&
      device.hold === undefined,
  );
}

/** What Git shall say now: the next step when that differs from what it was to say before. */
export function templateFor(
  before: WaveTemplate,
  state: WaveState,
  promotion: Promotion,
  now: number,
): WaveTemplate {
  if (imagesBefore(promotion).length === 0) return before;
  if (state.stop?.kind === 'superseded') return before;
  // Whoever still writes this step must not come after the next one.
  if (!before.sha && before.step > 0) return before;
  const isBack =
    state.stop?.takeBack || devicesGoingBack(state, now).length > 0;
  const wants = isBack ? 'before' : 'release';
  return wants === before.wants ? before : { wants, step: before.step + 1 };
}

/** Without anything to go back to, a wave that was stopped has nothing left to do. */
export function reportFor(
  state: WaveState,
  canGoBack: (device: string) => boolean,
  now: number,
): WaveReport {
  const report = reportWave(state, now);
  const isStuck =
    report.state === 'stopping' &&
    (state.stop?.kind === 'superseded' ||
      !state.devices.some(
        entry => isOwed(entry) && canGoBack(entry.device.id),
      ));
  return isStuck ? { ...report, state: 'stopped' } : report;
}
