// SPDX-License-Identifier: Apache-2.0
import type { LoggerService } from '@backstage/backend-plugin-api';
import { ConflictError } from '@backstage/errors';
import {
  haveOverlays,
  isActive,
  type Promotion,
  type Target,
  type WaveReport,
  type WaveState,
} from '@causeway/plugin-delivery-common';
import type { Clock } from '../Clock';
import type { Clusters } from '../clusters/Clusters';
import { rest } from '../clusters/pause';
import type { DeviceReader } from '../fleet/DeviceReader';
import type { PromotionStore } from '../promotions/PromotionStore';
import { decide, reportFor, templateFor } from './decideLook';
import { GitSteps } from './GitSteps';
import { HealthProbes } from './HealthProbes';
import { ImagePulls } from './ImagePulls';
import { unitOf, observeDevices } from './observeDevices';
import type { OverlayCommits } from './OverlayCommits';
import {
  canGoBack as canOverlayGoBack,
  compareOverlays,
  isWritten,
  nextStep,
  saidOfRelease,
  type WaveOverlays,
} from './overlaySteps';
import type { ConfiguredProbes } from './probes/readProbeConfig';
import { pullsToSettle } from './pullsToSettle';
import {
  podsToReplace,
  replacePod,
  type ActOn,
  type PodToReplace,
} from './replacePods';
import { imagesBefore, templateSeen } from './templateSeen';
import type { TemplateCommits } from './TemplateCommits';
import type { WaveEvent, WaveTemplate } from './waveEvents';
import { WaveSteps, type WaveStepsOptions } from './WaveSteps';
import type { StoredWave } from './WaveStore';

/** What moves waves. */
export interface WaveRunnerOptions extends WaveStepsOptions {
  readonly promotions: PromotionStore;
  readonly commits: TemplateCommits;
  readonly overlays: OverlayCommits;
  readonly clusters: Pick<Clusters, 'targetState'>;
  readonly fleet: DeviceReader & {
    subscribe?(listener: () => void): () => void;
  };
  readonly actOn: ActOn;
  /** What the Jobs of health checks run. */
  readonly probes: ConfiguredProbes;
  readonly clock: Clock;
  readonly logger: LoggerService;
  /** Milliseconds. Default 90,000; more where time runs faster than the process does. */
  readonly longestGap?: number;
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
  readonly #pulls: ImagePulls;
  readonly #probes: HealthProbes;
  readonly #steps: WaveSteps;
  readonly #git: GitSteps;

  constructor(private readonly options: WaveRunnerOptions) {
    this.#steps = new WaveSteps(options);
    this.#git = new GitSteps(this.#steps, options);
    this.#pulls = new ImagePulls(options);
    this.#probes = new HealthProbes(options);
  }

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
      const dueAt = soon(now, LOOK_OFTEN);
      await this.options.waves.save(wave, { dueAt });
      return;
    }
    const successor = await this.#successorOf(promotion);
    const compared = haveOverlays(promotion.declaration.targets)
      ? await this.#compareOverlays(wave, promotion)
      : undefined;
    if (compared === 'notYet') {
      await this.options.waves.save(wave, { dueAt: soon(now, BEAT) });
      return;
    }
    const release = saidOfRelease(promotion);
    const canGoBack = (device: string) =>
      compared
        ? canOverlayGoBack(compared.devices[device], release)
        : imagesBefore(promotion).length > 0;
    const devices = await this.#probes.check(
      promotion,
      wave.state,
      this.#pulls.withRefusals(seen.devices),
      this.#stop.signal,
    );
    const turn = decide(wave, promotion, devices, {
      now: now.getTime(),
      superseded: successor,
      canGoBack,
      unheard: seen.unheard,
      ...(compared && { overlays: compared }),
      longestGap: this.options.longestGap ?? LONGEST_GAP,
    });
    const overlays = compared && nextStep(compared, turn.state, release);
    const template = overlays
      ? wave.template
      : templateFor(wave.template, turn.state, promotion, now.getTime());
    const report = reportFor(turn.state, canGoBack, now.getTime());
    const events: WaveEvent[] = [
      ...(turn.decisions.length > 0
        ? [{ type: 'waveDecided' as const, decisions: turn.decisions }]
        : []),
      ...(template.step === wave.template.step
        ? []
        : [{ type: 'waveTemplate' as const, template }]),
    ];
    const templateOf = (target: Target) => {
      const shown = templateSeen(clusters, target, promotion);
      // A template that is about to change gives nobody anything.
      return shown === template.wants ? shown : 'unknown';
    };
    const pulls = pullsToSettle(promotion.id, turn.state, devices, templateOf);
    const probes = this.#probes.toSettle(promotion, turn.state, devices);
    const decided = await this.#steps.record(
      { at: 'decide', of: turn.decisions.map(({ kind }) => kind) },
      wave,
      promotion,
      {
        state: turn.state,
        template,
        ...(overlays && { overlays }),
        report,
        said: [],
        active:
          !isOver(turn.state, report, overlays) ||
          pulls.remove.length + probes.remove.length > 0,
        lookedAt: now.toISOString(),
        dueAt: soon(
          now,
          isBusy(report, template, overlays) ? LOOK_OFTEN : LOOK_SELDOM,
        ),
      },
      events,
    );
    await this.#settle('pull', this.#pulls, pulls, promotion);
    await this.#settle('probe', this.#probes, probes, promotion);
    if (overlays) {
      await this.#git.writeOverlays(decided, promotion, this.#stop.signal);
      return;
    }
    if (turn.state.stop?.kind === 'superseded') return;
    await this.#git.writeTemplate(decided, promotion, this.#stop.signal);
    const pods = podsToReplace(turn.state, devices, templateOf);
    for (const pod of pods) await this.#replace(pod);
  }

  /** Does what is missing of pulls or probes, and takes away what nobody needs. */
  async #settle<
    T extends {
      readonly make: readonly object[];
      readonly remove: readonly object[];
    },
  >(
    at: 'pull' | 'probe',
    by: {
      settle(what: T, promotion: Promotion, signal: AbortSignal): Promise<void>;
    },
    what: T,
    promotion: Promotion,
  ): Promise<void> {
    const of = (['make', 'remove'] as const).filter(
      each => what[each].length > 0,
    );
    if (of.length === 0) return;
    await this.#steps.take({ at, of }, () =>
      by.settle(what, promotion, this.#stop.signal),
    );
  }

  /** One pod that cannot be replaced keeps no other. */
  async #replace(pod: PodToReplace): Promise<void> {
    const { actOn, logger } = this.options;
    const { signal } = this.#stop;
    if (signal.aborted) return;
    await this.#steps.take({ at: 'replace', of: [pod.how] }, () =>
      replacePod(actOn, pod, signal).catch(error =>
        logger.warn(
          `Pod ${pod.namespace}/${pod.name} in ${pod.cluster} could not be replaced, trying again: ${error}`,
        ),
      ),
    );
  }

  /**
   * What the overlays of the devices say in Git, held against what the wave left there. A wave begins when
   * the one before it in the stage has put back what was not carried out, so that it remembers the truth.
   */
  async #compareOverlays(
    wave: StoredWave,
    promotion: Promotion,
  ): Promise<WaveOverlays | 'notYet'> {
    const { waves, overlays, logger } = this.options;
    if (!wave.overlays && (await waves.hasPredecessor(wave))) return 'notYet';
    try {
      return compareOverlays(
        wave.overlays,
        promotion.declaration.targets.flatMap(target => unitOf(target) ?? []),
        await overlays.read(promotion, this.#stop.signal),
        saidOfRelease(promotion),
      );
    } catch (error) {
      if (!wave.overlays) throw error;
      logger.warn(`Overlays of devices could not be compared: ${error}`);
      return wave.overlays;
    }
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
}

function soon(now: Date, milliseconds: number): string {
  return new Date(now.getTime() + milliseconds).toISOString();
}

/** Whether nothing is left to be done, and nobody to wait for. */
function isOver(
  { finishedAt, stop }: WaveState,
  { state }: WaveReport,
  overlays: WaveOverlays | undefined,
): boolean {
  if (!isWritten(overlays)) return false;
  return (
    finishedAt !== undefined ||
    (stop?.kind === 'superseded' && state === 'stopped')
  );
}

/** Whether something changes that is to be seen soon. */
function isBusy(
  { state }: WaveReport,
  { sha }: WaveTemplate,
  overlays: WaveOverlays | undefined,
): boolean {
  return (
    state === 'rolling' || state === 'stopping' || !sha || !isWritten(overlays)
  );
}
