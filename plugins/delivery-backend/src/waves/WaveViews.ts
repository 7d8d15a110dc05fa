// SPDX-License-Identifier: Apache-2.0
import {
  explainWave,
  placeOf,
  previewWave,
  reportWave,
  ringNames,
  sayPolicy,
  tallyWave,
  waveOf,
  type Promotion,
  type PromotionOfWave,
  type WaveCounts,
  type WaveDecision,
  type WaveDeviceView,
  type WavePreviewView,
  type WaveState,
  type WaveSummary,
  type WaveView,
} from '@causeway/plugin-delivery-common';
import type { RecordedEvent } from '../audit/EventLog';
import type { Clock } from '../Clock';
import type { DeviceReader } from '../fleet/DeviceReader';
import { observeDevices, unitOf } from './observeDevices';
import type { OverlayStepChange } from './overlaySteps';
import { actionsFor, type WithheldFromReader } from './steerWave';
import type { StoredWave, WaveStore } from './WaveStore';

/** Lines of the log that a page gets. */
const LOG = 100;

const nothing: WaveCounts = {
  proven: 0,
  soaking: 0,
  inFlight: 0,
  failed: 0,
  planned: 0,
  held: 0,
  away: 0,
  blocked: 0,
  leftOut: 0,
};

/** What people see of waves. Nothing here waits for a cluster. */
export class WaveViews {
  constructor(
    private readonly parts: {
      readonly waves: WaveStore;
      /** None when no devices are followed. */
      readonly fleet?: DeviceReader;
      readonly clock: Clock;
    },
  ) {}

  /**
   * The wave of a promotion; undefined when it has none yet.
   *
   * @param withheld - what the reader lacks the right for
   */
  async of(
    promotion: Promotion,
    withheld: WithheldFromReader = {},
  ): Promise<WaveView | undefined> {
    const { waves, clock } = this.parts;
    const wave = await waves.get(promotion.id);
    if (!wave) return undefined;
    const history = await waves.history(promotion.id);
    const now = clock().getTime();
    const { state } = wave;
    return {
      summary: summaryOf(wave, promotion, now),
      readAt: wave.lookedAt ?? wave.startedAt,
      policy: state ? [...sayPolicy(state.policy)] : [],
      rings: state ? ringsOf(state, batchesOf(state), now) : [],
      devices: state ? devicesOf(state, now) : [],
      questions: Object.entries(state?.questions ?? {}).map(
        ([name, { askedAt, sentence, answer }]) => ({
          name,
          sentence,
          askedAt: instant(askedAt),
          ...(answer && { answer }),
        }),
      ),
      pauses: (state?.pauses ?? []).map(({ kind, since, reason }) => ({
        kind,
        since: instant(since),
        reason,
      })),
      ...(state?.stop && {
        stop: { ...state.stop, at: instant(state.stop.at) },
      }),
      template: {
        wants: wave.template.wants,
        step: wave.overlays?.step ?? wave.template.step,
      },
      log: logOf(history),
      actions: [...actionsFor(wave, withheld)],
    };
  }

  async list(
    promotionOf: (id: string) => Promise<Promotion | undefined>,
  ): Promise<readonly WaveSummary[]> {
    const { waves, clock } = this.parts;
    const now = clock().getTime();
    const found = await Promise.all(
      (
        await waves.active()
      ).map(async wave => {
        const promotion = await promotionOf(wave.promotion);
        return promotion ? [summaryOf(wave, promotion, now)] : [];
      }),
    );
    return found.flat();
  }

  /** What a wave for a release would do. */
  preview(promotion: PromotionOfWave): WavePreviewView {
    const { fleet, clock } = this.parts;
    const empty = (problem: string): WavePreviewView => ({
      problems: [problem],
      policy: [],
      rings: [],
      devices: 0,
      excluded: [],
    });
    if (!fleet) return empty('The portal follows no devices.');
    const seen = observeDevices(fleet, promotion, new Set(), clock());
    if (!seen.known) return empty(seen.problem);
    const devices = [...seen.devices.values()].map(({ device }) => device);
    const wave = waveOf(promotion, devices);
    const { rings, excluded } = previewWave(wave, devices);
    return {
      problems: [
        ...(devices.length === 0
          ? ['The service runs on no device of this stage yet.']
          : []),
        ...unready(fleet, promotion, seen.devices),
      ],
      policy: [...sayPolicy(wave.policy)],
      rings: rings.map(({ name, batches }) => ({
        name,
        batches: batches.map(batch => [...batch]),
      })),
      devices: devices.length,
      excluded: excluded.map(each => ({ ...each })),
    };
  }
}

/** What a wave cannot change as it should: devices and node groups that are not there, and DaemonSets that would change all by themselves. */
function unready(
  fleet: DeviceReader,
  { declaration }: PromotionOfWave,
  seen: ReadonlyMap<string, unknown>,
): readonly string[] {
  return declaration.targets.flatMap(target => {
    const { cluster, workload, device, nodeGroup } = target;
    if (nodeGroup !== undefined) {
      const id = unitOf(target);
      return id !== undefined && seen.has(id)
        ? []
        : [
            `${cluster} shows no device of the node group ${nodeGroup}. See that its NodeGroup is there and has nodes.`,
          ];
    }
    if (device !== undefined) {
      return fleet.find(cluster, device)
        ? []
        : [`${cluster} shows no device ${device}.`];
    }
    const found = fleet
      .clusters()
      .find(({ name }) => name === cluster)
      ?.daemonSet(workload);
    if (!found) return [`${cluster} has no DaemonSet ${workload.name} yet.`];
    return found.onDelete
      ? []
      : [
          `${workload.name} in ${cluster} has not the update strategy OnDelete: it would change all devices by itself.`,
        ];
  });
}

function summaryOf(
  { state, report, startedAt, ...wave }: StoredWave,
  { declaration, release, replaces, requestedBy }: Promotion,
  now: number,
): WaveSummary {
  const current = state && reportWave(state, now);
  return {
    promotion: wave.promotion,
    service: wave.service,
    stage: wave.stage,
    stageTitle: declaration.stageTitle,
    version: release.version,
    ...(replaces && { replaces: replaces.version }),
    // What was written down knows also what cannot be taken back.
    state: report?.state ?? 'preparing',
    sentence:
      current?.sentence ?? 'The devices of the stage have not been seen yet.',
    counts: current?.counts ?? nothing,
    startedAt,
    startedBy: requestedBy,
  };
}

/** Where each device stands in the plan if all goes well, whatever became of it since: 1 is the first batch. */
function batchesOf(state: WaveState): ReadonlyMap<string, number> {
  const { rings } = previewWave(
    state,
    state.devices.map(({ device }) => ({
      ...device,
      connected: true,
      health: 'ok' as const,
      hold: undefined,
      blocked: undefined,
      readings: undefined,
      running: undefined,
    })),
  );
  return new Map(
    rings
      .flatMap(({ batches }) => batches)
      .flatMap((batch, index) => batch.map(id => [id, index + 1] as const)),
  );
}

function ringsOf(
  state: WaveState,
  batches: ReadonlyMap<string, number>,
  now: number,
): WaveView['rings'] {
  return ringNames(state.policy).map((name, ring) => ({
    name,
    state: ringState(ring, state, now),
    batches: Math.max(
      0,
      ...state.devices
        .filter(entry => entry.ring === ring)
        .map(({ device }) => batches.get(device.id) ?? 0),
    ),
  }));
}

function ringState(
  ring: number,
  state: WaveState,
  now: number,
): 'done' | 'now' | 'next' {
  if (ring > state.openRing) return 'next';
  const tallies = tallyWave(state, now);
  const isOpen = state.devices.some(entry => {
    const place = entry.ring === ring && placeOf(entry, state, tallies);
    return place === 'planned' || place === 'inFlight' || place === 'soaking';
  });
  return isOpen ? 'now' : 'done';
}

function devicesOf(state: WaveState, now: number): WaveDeviceView[] {
  const batches = batchesOf(state);
  const sentences = explainWave(state, now);
  const tallies = tallyWave(state, now);
  return state.devices.map((entry, index) => {
    const { device, ring, progress, run } = entry;
    const [cluster, ...name] = device.id.split('/');
    const isSeen = progress.phase === 'soaking' && run?.since !== undefined;
    const ran = run ? run.ran + (now - (run.since ?? now)) : 0;
    return {
      id: device.id,
      cluster,
      name: name.join('/'),
      site: device.site,
      hardware: device.hardware,
      ...(device.members && { members: [...device.members] }),
      ring,
      batch: batches.get(device.id) ?? 0,
      place: placeOf(entry, state, tallies),
      sentence: sentences[index].sentence,
      ...(isSeen && { provenIn: Math.max(0, progress.soak - ran) }),
    };
  });
}

function logOf(history: readonly RecordedEvent[]): WaveView['log'] {
  const lines: WaveView['log'][number][] = [];
  for (let index = history.length - 1; index >= 0; index -= 1) {
    if (lines.length >= LOG) break;
    lines.push(...linesOf(history[index]).reverse());
  }
  return lines.slice(0, LOG);
}

function linesOf({
  type,
  at,
  actor,
  data,
}: RecordedEvent): WaveView['log'][number][] {
  const line = { at, actor };
  if (type === 'waveDecided' && 'decisions' in data) {
    // The log holds only what the runner wrote.
    return (data.decisions as readonly WaveDecision[]).map(decision => ({
      ...line,
      kind: decision.kind,
      ...('device' in decision && { device: decision.device }),
      sentence: decision.because,
    }));
  }
  if (type === 'waveSteered' && 'command' in data) {
    const { kind } = data.command as { readonly kind: string };
    const reason = 'reason' in data ? String(data.reason) : '';
    return [{ ...line, kind, sentence: reason }];
  }
  if (type === 'waveOverlays' && 'changes' in data) {
    const changes = data.changes as readonly OverlayStepChange[];
    return changes.map(({ device, wants }) => ({
      ...line,
      kind: 'template',
      device,
      sentence:
        wants === 'before'
          ? 'Its overlay in Git says again what it said before.'
          : 'Its overlay in Git says the release.',
    }));
  }
  if (type === 'waveTemplate' && 'template' in data) {
    const { wants, sha } = data.template as StoredWave['template'];
    // The wish comes before the commit, and is another event.
    if (!sha) return [];
    return [
      {
        ...line,
        kind: 'template',
        sentence:
          wants === 'before'
            ? 'Git says what ran before, so that devices can go back.'
            : 'Git says the release again.',
      },
    ];
  }
  return [];
}

function instant(moment: number): string {
  return new Date(moment).toISOString();
}
