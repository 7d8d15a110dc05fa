// SPDX-License-Identifier: Apache-2.0
import type { LoggerService } from '@backstage/backend-plugin-api';
import { ConflictError } from '@backstage/errors';
import {
  decideWave,
  isActive,
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
import type { Clock } from '../Clock';
import type { Clusters } from '../clusters/Clusters';
import { rest } from '../clusters/pause';
import type { DeviceReader } from '../fleet/DeviceReader';
import type { PromotionStore } from '../promotions/PromotionStore';
import { observeDevices, type StageDevice } from './observeDevices';
import { podsToReplace, replacePod, type ActOn } from './replacePods';
import { imagesBefore, templateSeen } from './templateSeen';
import { TemplateCommits } from './TemplateCommits';
import type { WaveEvent, WaveTemplate } from './waveEvents';
import type { StoredWave, WaveStore } from './WaveStore';

/** What moves waves. */
export interface WaveRunnerOptions {
  readonly waves: WaveStore;
  readonly promotions: PromotionStore;
  readonly commits: TemplateCommits;
  readonly clusters: Clusters;
  readonly fleet: DeviceReader & {
    subscribe?(listener: () => void): () => void;
  };
  readonly actOn: ActOn;
  readonly clock: Clock;
  readonly logger: LoggerService;
  /** Called when a wave has changed. */
  readonly changed: (wave: StoredWave, promotion: Promotion) => void;
  /** Called before and after each effect; tests of crashes stop the process there. */
  readonly onStep?: (step: WaveStep) => Promise<void> | void;
  /** Milliseconds. Default 90,000; more where time runs faster than the process does. */
  readonly longestGap?: number;
}

/** Where a process may die. */
export interface WaveStep {
  readonly at: 'save' | 'commit' | 'replace';
  readonly where: 'before' | 'after';
}

/** While devices get the release, and while a wave only waits for those that are away, in milliseconds. */
const LOOK_OFTEN = 5_000;
const LOOK_SELDOM = 30_000;
/** Between two looks for waves that are due. */
const BEAT = 1_000;
/** After a gap of this length nobody can say what devices did meanwhile. */
const LONGEST_GAP = 90_000;

/**
 * Moves waves on: looks at the devices, decides, writes the decision down, and then makes the world so.
 *
 * Guarantee: what is done follows from what was written down and what is seen, never from a step that
 * somebody remembers, so any process may die anywhere and any other goes on. Two that look at the same
 * wave at once decide once, because only one can write; what both do then is the same, and done once.
 */
export class WaveRunner {
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #ending: (() => void) | undefined;
  #woken = false;

  constructor(private readonly options: WaveRunnerOptions) {}

  start(): void {
    this.#ending = this.options.fleet.subscribe?.(() => {
      this.#woken = true;
    });
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#ending?.();
    await this.#running;
  }

  /** One look at all that is due. */
  async look(): Promise<void> {
    const { waves, promotions, logger } = this.options;
    for (const { promotion } of await promotions.active()) {
      const isNew =
        promotion.declaration.wave && promotion.phase === 'verifying';
      if (isNew) await waves.begin(promotion, promotion.commit.sha);
    }
    if (this.#woken) {
      this.#woken = false;
      await waves.wake();
    }
    for (const wave of await waves.claim()) {
      if (this.#stop.signal.aborted) return;
      try {
        await this.#advance(wave);
      } catch (error) {
        // Somebody said something meanwhile, or something outside failed: the wave is due again soon.
        if (error instanceof ConflictError) await waves.wake();
        else
          logger.warn(
            `The wave of promotion ${wave.promotion} could not move on, trying again: ${error}`,
          );
      }
    }
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.look().catch(error =>
        this.options.logger.error(
          `Waves could not be looked at, trying again: ${error}`,
        ),
      );
      await rest(BEAT, this.#stop.signal);
    }
  }

  /** The story of one look. */
  async #advance(wave: StoredWave): Promise<void> {
    const { promotions, fleet, clock, clusters } = this.options;
    const stored = await promotions.get(wave.promotion);
    if (!stored) return;
    const { promotion } = stored;
    const now = clock();
    const known = new Set(wave.state?.devices.map(({ device }) => device.id));
    const seen = observeDevices(fleet, promotion, known, now);
    if (!seen.known || (!wave.state && seen.devices.size === 0)) {
      await this.#save(wave, promotion, { dueAt: soon(now, LOOK_OFTEN) }, []);
      return;
    }
    const successor = await this.#successorOf(promotion);
    const turn = decide(wave, promotion, seen.devices, {
      now: now.getTime(),
      superseded: successor,
      takesBack: imagesBefore(promotion).length > 0,
      longestGap: this.options.longestGap ?? LONGEST_GAP,
    });
    const template = templateFor(wave.template, turn.state, promotion);
    const report = reportFor(turn.state, promotion, now.getTime());
    const events: WaveEvent[] = [
      ...(turn.decisions.length > 0
        ? [{ type: 'waveDecided' as const, decisions: turn.decisions }]
        : []),
      ...(template.step === wave.template.step
        ? []
        : [{ type: 'waveTemplate' as const, template }]),
    ];
    const isOver =
      turn.state.finishedAt !== undefined ||
      (turn.state.stop?.kind === 'superseded' && report.state === 'stopped');
    const isBusy =
      report.state === 'rolling' ||
      report.state === 'stopping' ||
      !template.sha;
    let current = await this.#save(
      wave,
      promotion,
      {
        state: turn.state,
        template,
        report,
        said: [],
        active: !isOver,
        lookedAt: now.toISOString(),
        dueAt: soon(now, isBusy ? LOOK_OFTEN : LOOK_SELDOM),
      },
      events,
    );
    if (turn.state.stop?.kind === 'superseded') return;
    current = await this.#writeTemplate(current, promotion);
    const pods = podsToReplace(turn.state, seen.devices, target =>
      templateSeen(clusters, target, promotion),
    );
    for (const pod of pods) {
      await this.#step('replace', 'before');
      await replacePod(this.options.actOn, pod, this.#stop.signal);
      await this.#step('replace', 'after');
    }
  }

  /** Git shall say what the wave wants devices to get, and Flux shall know. */
  async #writeTemplate(
    wave: StoredWave,
    promotion: Promotion,
  ): Promise<StoredWave> {
    const { template } = wave;
    if (template.step === 0 || template.asked) return wave;
    const { commits } = this.options;
    if (!template.sha) {
      await this.#step('commit', 'before');
      const sha = await commits.write(promotion, template, this.#stop.signal);
      await this.#step('commit', 'after');
      const written = { ...template, sha };
      const saved = await this.#save(wave, promotion, { template: written }, [
        { type: 'waveTemplate', template: written },
      ]);
      return this.#writeTemplate(saved, promotion);
    }
    await commits.askFlux(promotion, template, this.#stop.signal);
    const asked = { ...template, asked: true } as const;
    return this.#save(wave, promotion, { template: asked }, []);
  }

  async #save(
    wave: StoredWave,
    promotion: Promotion,
    change: Parameters<WaveStore['save']>[1],
    events: readonly WaveEvent[],
  ): Promise<StoredWave> {
    await this.#step('save', 'before');
    const saved = await this.options.waves.save(wave, change, events);
    await this.#step('save', 'after');
    if (events.length > 0 || saved.report?.state !== wave.report?.state)
      this.options.changed(saved, promotion);
    return saved;
  }

  /** Whether another promotion has taken the stage, or may have written to it; and which. */
  async #successorOf(promotion: Promotion): Promise<string | undefined> {
    const { service, stage, id } = promotion;
    const [newest] = await this.options.promotions.list({
      service,
      stage,
      phases: ['writing', 'reconciling', 'verifying', 'succeeded', 'failed'],
      limit: 1,
    });
    if (newest && newest.promotion.id !== id) {
      const other = newest.promotion;
      const hasWritten = isActive(other) || other.commit !== undefined;
      const isNewer = other.requestedAt >= promotion.requestedAt;
      if (hasWritten && isNewer) return other.release.version;
    }
    return promotion.phase === 'superseded' ? 'another release' : undefined;
  }

  async #step(at: WaveStep['at'], where: WaveStep['where']): Promise<void> {
    await this.options.onStep?.({ at, where });
  }
}

/** The next state of a wave, from what was said and what is seen. */
function decide(
  wave: StoredWave,
  promotion: Promotion,
  devices: ReadonlyMap<string, StageDevice>,
  about: {
    readonly now: number;
    readonly superseded: string | undefined;
    /** Whether there is anything that devices could be taken back to. */
    readonly takesBack: boolean;
    readonly longestGap: number;
  },
): { readonly state: WaveState; readonly decisions: readonly WaveDecision[] } {
  const { now } = about;
  const seen = [...devices.values()].map(({ device }) =>
    promotion.kind === 'rollback' ? withoutFault(device) : device,
  );
  const before = wave.state ?? startWave(waveOf(promotion, seen), seen, now);
  const lastLook = wave.lookedAt ? Date.parse(wave.lookedAt) : now;
  const state =
    now - lastLook > about.longestGap
      ? unobservedSince(before, lastLook)
      : before;
  const removed = state.devices
    .filter(({ device, gone }) => gone === undefined && !devices.has(device.id))
    .map(({ device }) => device.id);
  const turn = decideWave(
    state,
    {
      devices: seen,
      removed,
      commands: [
        ...wave.said.map(({ command }) => command),
        ...supersedes(about.superseded),
      ],
    },
    now,
  );
  const more = followUp(turn.state, about.takesBack);
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
  takesBack: boolean,
): readonly WaveCommand[] {
  const goingBack = state.devices.filter(isGoingBack);
  const isPaused = state.pauses.some(({ kind }) => kind === 'takingBack');
  if (state.stop) return [];
  if (goingBack.length > 0 && !takesBack)
    return [
      {
        kind: 'stop',
        takeBack: false,
        reason: `${goingBack[0].device.id} failed, and it is not known what it could be taken back to.`,
      },
    ];
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

/** Whoever is away gets what the template holds when it is back, and is looked at then. */
function isGoingBack({
  progress,
  awaySince,
  gone,
  device,
}: WaveState['devices'][number]): boolean {
  return (
    progress.phase === 'takingBack' &&
    awaySince === undefined &&
    gone === undefined &&
    device.hold === undefined
  );
}

/** What Git shall say now: the next step when that differs from what it was to say before. */
function templateFor(
  before: WaveTemplate,
  state: WaveState,
  promotion: Promotion,
): WaveTemplate {
  if (imagesBefore(promotion).length === 0) return before;
  if (state.stop?.kind === 'superseded') return before;
  const isBack = state.stop?.takeBack || state.devices.some(isGoingBack);
  const wants = isBack ? 'before' : 'release';
  return wants === before.wants ? before : { wants, step: before.step + 1 };
}

/** Without anything to go back to, a wave that was stopped has nothing left to do. */
function reportFor(
  state: WaveState,
  promotion: Promotion,
  now: number,
): WaveReport {
  const report = reportWave(state, now);
  const canGoBack = imagesBefore(promotion).length > 0;
  const isStuck =
    report.state === 'stopping' &&
    (!canGoBack || state.stop?.kind === 'superseded');
  return isStuck ? { ...report, state: 'stopped' } : report;
}

function soon(now: Date, milliseconds: number): string {
  return new Date(now.getTime() + milliseconds).toISOString();
}
