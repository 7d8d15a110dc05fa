// SPDX-License-Identifier: Apache-2.0
import type { LoggerService } from '@backstage/backend-plugin-api';
import { ConflictError } from '@backstage/errors';
import {
  haveOverlays,
  isActive,
  type Promotion,
  type Target,
} from '@causeway/plugin-delivery-common';
import type { Clock } from '../Clock';
import type { Clusters } from '../clusters/Clusters';
import { rest } from '../clusters/pause';
import type { DeviceReader } from '../fleet/DeviceReader';
import type { PromotionStore } from '../promotions/PromotionStore';
import { decide, reportFor, templateFor } from './decideLook';
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
  settle,
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
import { TemplateCommits } from './TemplateCommits';
import type { WaveEvent } from './waveEvents';
import type { StoredWave, WaveStore } from './WaveStore';

/** What moves waves. */
export interface WaveRunnerOptions {
  readonly waves: WaveStore;
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
  /** Called when a wave has changed. */
  readonly changed: (wave: StoredWave, promotion: Promotion) => void;
  /** Called before and after each effect; tests of crashes stop the process there. */
  readonly onStep?: (step: WaveStep) => Promise<void> | void;
  /** Milliseconds. Default 90,000; more where time runs faster than the process does. */
  readonly longestGap?: number;
}

/** Where a process may die. */
export interface WaveStep {
  readonly at:
    | 'decide'
    | 'commit'
    | 'recordCommit'
    | 'askFlux'
    | 'recordRequest'
    | 'pull'
    | 'probe'
    | 'replace';
  readonly where: 'before' | 'after';
  /** What was decided, what template or overlays are to hold, what becomes of pulls or probes, or how the pod goes. */
  readonly of: readonly string[];
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

  constructor(private readonly options: WaveRunnerOptions) {
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
    const isOver =
      isWritten(overlays) &&
      (turn.state.finishedAt !== undefined ||
        (turn.state.stop?.kind === 'superseded' && report.state === 'stopped'));
    const isBusy =
      report.state === 'rolling' ||
      report.state === 'stopping' ||
      !template.sha ||
      !isWritten(overlays);
    const decided = await this.#around(
      { at: 'decide', of: turn.decisions.map(({ kind }) => kind) },
      () =>
        this.#save(
          wave,
          promotion,
          {
            state: turn.state,
            template,
            ...(overlays && { overlays }),
            report,
            said: [],
            active: !isOver || pulls.remove.length + probes.remove.length > 0,
            lookedAt: now.toISOString(),
            dueAt: soon(now, isBusy ? LOOK_OFTEN : LOOK_SELDOM),
          },
          events,
        ),
    );
    await this.#settle('pull', this.#pulls, pulls, promotion);
    await this.#settle('probe', this.#probes, probes, promotion);
    if (overlays) {
      await this.#writeOverlays(decided, promotion);
      return;
    }
    if (turn.state.stop?.kind === 'superseded') return;
    await this.#writeTemplate(decided, promotion);
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
    await this.#around({ at, of }, () =>
      by.settle(what, promotion, this.#stop.signal),
    );
  }

  /** One pod that cannot be replaced keeps no other. */
  async #replace(pod: PodToReplace): Promise<void> {
    const { actOn, logger } = this.options;
    const { signal } = this.#stop;
    if (signal.aborted) return;
    await this.#around({ at: 'replace', of: [pod.how] }, () =>
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

  /** Git shall say what each device is to have, and Flux shall know. */
  async #writeOverlays(wave: StoredWave, promotion: Promotion): Promise<void> {
    const { state, overlays } = wave;
    if (!state || !overlays || overlays.step === 0 || overlays.asked) return;
    const commits = this.options.overlays;
    const { signal } = this.#stop;
    const of = overlays.changes.map(({ wants }) => wants);
    if (!isWritten(overlays)) {
      const { sha, says } = await this.#around({ at: 'commit', of }, () =>
        commits.write(promotion, overlays, state, signal),
      );
      const settled = settle(overlays, sha, says, saidOfRelease(promotion));
      const { step, changes } = overlays;
      const saved = await this.#around({ at: 'recordCommit', of }, () =>
        this.#save(wave, promotion, { overlays: settled }, [
          { type: 'waveOverlays', step, sha, changes },
        ]),
      );
      await this.#writeOverlays(saved, promotion);
      return;
    }
    const problems = await this.#around({ at: 'askFlux', of }, () =>
      commits.askFlux(promotion, overlays, signal),
    );
    if (problems.length > 0) {
      this.options.logger.warn(`Trying again: ${problems.join(' ')}`);
      return;
    }
    const asked = { ...overlays, asked: true } as const;
    await this.#around({ at: 'recordRequest', of }, () =>
      this.#save(wave, promotion, { overlays: asked }, []),
    );
  }

  /** Git shall say what the wave wants devices to get, and Flux shall know. */
  async #writeTemplate(
    wave: StoredWave,
    promotion: Promotion,
  ): Promise<StoredWave> {
    const { template } = wave;
    if (template.step === 0 || template.asked) return wave;
    const { commits } = this.options;
    const of = [template.wants];
    if (!template.sha) {
      const sha = await this.#around({ at: 'commit', of }, () =>
        commits.write(promotion, template, this.#stop.signal),
      );
      const written = { ...template, sha };
      const saved = await this.#around({ at: 'recordCommit', of }, () =>
        this.#save(wave, promotion, { template: written }, [
          { type: 'waveTemplate', template: written },
        ]),
      );
      return this.#writeTemplate(saved, promotion);
    }
    const problems = await this.#around({ at: 'askFlux', of }, () =>
      commits.askFlux(promotion, template, this.#stop.signal),
    );
    if (problems.length > 0) {
      this.options.logger.warn(`Trying again: ${problems.join(' ')}`);
      return wave;
    }
    const asked = { ...template, asked: true } as const;
    return this.#around({ at: 'recordRequest', of }, () =>
      this.#save(wave, promotion, { template: asked }, []),
    );
  }

  async #save(
    wave: StoredWave,
    promotion: Promotion,
    change: Parameters<WaveStore['save']>[1],
    events: readonly WaveEvent[],
  ): Promise<StoredWave> {
    const saved = await this.options.waves.save(wave, change, events);
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

  async #around<T>(
    step: Omit<WaveStep, 'where'>,
    effect: () => Promise<T>,
  ): Promise<T> {
    const { onStep } = this.options;
    await onStep?.({ ...step, where: 'before' });
    const result = await effect();
    await onStep?.({ ...step, where: 'after' });
    return result;
  }
}

function soon(now: Date, milliseconds: number): string {
  return new Date(now.getTime() + milliseconds).toISOString();
}
