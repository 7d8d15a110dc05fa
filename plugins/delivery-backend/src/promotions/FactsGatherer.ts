// SPDX-License-Identifier: Apache-2.0
import {
  declarationOf,
  factsNeededBy,
  gateNeeds,
  known,
  membershipKey,
  noGateFacts,
  targetKey,
  unknown,
  type Declaration,
  type DrillResult,
  type FactKind,
  type Facts,
  type GateDefinition,
  type GateFacts,
  type GateQuestion,
  type Known,
  type Pipeline,
  type Promotion,
  type PromotionCommit,
  type StageDevices,
  type StageObservation,
  type TargetFact,
} from '@causeway/plugin-delivery-common';
import type { Actors } from '../audit/Actors';
import {
  judgedOf,
  judgedSwitchOf,
  type CanaryAnalyst,
} from '../canary/CanaryAnalyst';
import type { Clock } from '../Clock';
import type { Clusters } from '../clusters/Clusters';
import type { FleetRepositories } from '../gitops/FleetRepositories';
import type { Pipelines } from '../pipelines/Pipelines';
import type { DrillStore } from '../drills/DrillStore';
import type { DeviceReader } from '../fleet/DeviceReader';
import type { WaveStore } from '../waves/WaveStore';
import { observeStageDevices } from './observeStageDevices';
import type { PromotionLeases } from './PromotionLeases';
import type { StageObserver, Survey } from './StageObserver';

/**
 * Gathers what a decision about a promotion needs, and only that. A failure outside is a fact that is
 * not known, with the first moment of that run of failures; it is never an exception.
 */
export class FactsGatherer {
  readonly #clusters: Clusters;
  readonly #fleet: FleetRepositories;
  readonly #pipelines: Pipelines;
  readonly #observer: StageObserver;
  readonly #actors: Actors;
  readonly #leases: PromotionLeases;
  readonly #analyst: Pick<CanaryAnalyst, 'analyse' | 'watch'>;
  readonly #waves: Pick<WaveStore, 'reportOf'>;
  readonly #drills: Pick<DrillStore, 'results'>;
  readonly #devices: DeviceReader | undefined;
  readonly #clock: Clock;
  readonly #failingSince = new Map<string, string>();

  constructor(options: {
    readonly clusters: Clusters;
    readonly fleet: FleetRepositories;
    readonly pipelines: Pipelines;
    readonly observer: StageObserver;
    readonly actors: Actors;
    readonly leases: PromotionLeases;
    readonly analyst: Pick<CanaryAnalyst, 'analyse' | 'watch'>;
    readonly waves: Pick<WaveStore, 'reportOf'>;
    readonly drills: Pick<DrillStore, 'results'>;
    readonly devices?: DeviceReader;
    readonly clock: Clock;
  }) {
    this.#clusters = options.clusters;
    this.#fleet = options.fleet;
    this.#pipelines = options.pipelines;
    this.#observer = options.observer;
    this.#actors = options.actors;
    this.#leases = options.leases;
    this.#analyst = options.analyst;
    this.#waves = options.waves;
    this.#drills = options.drills;
    this.#devices = options.devices;
    this.#clock = options.clock;
  }

  async gather(promotion: Promotion, signal: AbortSignal): Promise<Facts> {
    const needed = new Set<FactKind>(factsNeededBy(promotion));
    const { gates } = promotion.declaration;
    const [declaration, gateFacts, commit, targets, verdicts, settled, wave] =
      await Promise.all([
        needed.has('declaration')
          ? this.#declaration(promotion)
          : this.#notAsked<Declaration | undefined>(),
        needed.has('gates') && promotion.kind === 'promotion'
          ? this.gateFacts(promotion.service, gates, promotion)
          : noGateFacts,
        needed.has('commit')
          ? this.#commit(promotion, signal)
          : this.#notAsked<PromotionCommit | undefined>(),
        needed.has('targets') ? this.#targets(promotion) : {},
        needed.has('verdicts') ? this.#verdicts(promotion) : {},
        needed.has('predecessors')
          ? this.#leases.areSettled(promotion.supersedes)
          : true,
        needed.has('targets') && promotion.declaration.wave
          ? this.#waves.reportOf(promotion.id)
          : undefined,
      ]);
    return {
      now: this.#now(),
      declaration,
      gates: gateFacts,
      commit,
      targets,
      verdicts,
      predecessorsSettled: settled,
      ...(wave && { wave }),
    };
  }

  /** What the gates look at, for a promotion or for a release that nobody asked to promote yet. */
  async gateFacts(
    service: string,
    definitions: readonly GateDefinition[],
    question: GateQuestion,
  ): Promise<GateFacts> {
    const stages: Record<string, Known<StageObservation | undefined>> = {};
    const members: Record<string, Known<boolean>> = {};
    const drills: Record<string, Known<readonly DrillResult[]>> = {};
    const devices: Record<string, Known<StageDevices>> = {};
    let survey: Known<Survey> | undefined;
    for (const need of gateNeeds(definitions, question)) {
      if (need.fact === 'stage') {
        survey ??= await this.#survey(service);
        stages[need.stage] = seenIn(survey, need.stage, question.release.id);
      } else if (need.fact === 'drills') {
        drills[need.stage] = await this.#try('the drills', () =>
          this.#drills.results(service, need.stage, question.release.id),
        );
      } else if (need.fact === 'devices') {
        devices[need.stage] = await this.#devicesIn(
          service,
          need.stage,
          question.release,
        );
      } else {
        members[membershipKey(need.user, need.group)] = await this.isMember(
          need.user,
          need.group,
        );
      }
    }
    return { stages, members, drills, devices };
  }

  /** Whether a user belongs to a group, as far as the catalog can say now. */
  isMember(user: string, group: string): Promise<Known<boolean>> {
    return this.#try('the catalog', () => this.#actors.isMember(user, group));
  }

  async #survey(service: string): Promise<Known<Survey>> {
    const pipeline = await this.#pipeline(service);
    if (!pipeline.known) return pipeline;
    return known(await this.#observer.survey(pipeline.value));
  }

  async #devicesIn(
    service: string,
    stage: string,
    release: GateQuestion['release'],
  ): Promise<Known<StageDevices>> {
    const pipeline = await this.#pipeline(service);
    if (!pipeline.known) return pipeline;
    const found = pipeline.value.stages.find(({ name }) => name === stage);
    return this.#try(`the devices of ${service} in ${stage}`, async () =>
      observeStageDevices(this.#devices, found?.targets ?? [], {
        release,
        now: this.#clock(),
      }),
    );
  }

  async #pipeline(service: string): Promise<Known<Pipeline>> {
    const reading = await this.#try('the catalog', () =>
      this.#pipelines.get(service),
    );
    if (!reading.known) return reading;
    return reading.value?.state === 'valid'
      ? known(reading.value.pipeline)
      : unknown(this.#now(), 'The pipeline document can not be read.');
  }

  async #declaration(
    promotion: Promotion,
  ): Promise<Known<Declaration | undefined>> {
    const found = await this.#try('the catalog', () =>
      this.#pipelines.get(promotion.service),
    );
    if (!found.known) return found;
    const reading = found.value;
    if (!reading) {
      return unknown(
        this.#now(),
        `${promotion.service} is not in the catalog or has no pipeline.`,
      );
    }
    switch (reading.state) {
      case 'unreadable':
        return unknown(this.#now(), reading.message);
      case 'invalid':
        return unknown(
          reading.readAt.toISOString(),
          'The pipeline document is broken.',
        );
      default: {
        if (reading.newer) {
          return unknown(
            reading.readAt.toISOString(),
            'The newest pipeline document is broken, so its gates are not known.',
          );
        }
        const { pipeline } = reading;
        const stage = pipeline.stages.find(
          ({ name, targets }) => name === promotion.stage && targets.length > 0,
        );
        return known(stage && declarationOf(pipeline, stage));
      }
    }
  }

  #commit(
    promotion: Promotion,
    signal: AbortSignal,
  ): Promise<Known<PromotionCommit | undefined>> {
    const { fleet } = promotion.declaration;
    return this.#try(`the fleet repository ${fleet.repository}`, () =>
      this.#fleet.findCommit(fleet, promotion.id, signal),
    );
  }

  async #targets(
    promotion: Promotion,
  ): Promise<Readonly<Record<string, TargetFact>>> {
    const entries = await Promise.all(
      promotion.declaration.targets.map(async target => {
        const state = this.#clusters.targetState(target);
        const [appliedContains, attemptedContains] = await Promise.all([
          this.#contains(promotion, state.flux?.lastAppliedRevision),
          this.#contains(promotion, state.flux?.lastAttemptedRevision),
        ]);
        const fact: TargetFact = { state, appliedContains, attemptedContains };
        return [targetKey(target), fact] as const;
      }),
    );
    return Object.fromEntries(entries);
  }

  /** Of the canaries and of the new colours that get traffic now. */
  async #verdicts(promotion: Promotion): Promise<Facts['verdicts']> {
    if (promotion.colours) return this.#switchVerdicts(promotion);
    const entries = await Promise.all(
      promotion.declaration.targets.map(async target => {
        const { freshness, canary } = this.#clusters.targetState(target);
        if (!canary || canary.weight === 0 || freshness.state !== 'live')
          return [];
        const analysis = await this.#analyst.analyse(promotion, target, canary);
        const verdict = analysis.known
          ? known(judgedOf(analysis.value))
          : analysis;
        return [[targetKey(target), verdict] as const];
      }),
    );
    return Object.fromEntries(entries.flat());
  }

  async #switchVerdicts(promotion: Promotion): Promise<Facts['verdicts']> {
    const { colours, declaration } = promotion;
    if (!declaration.blueGreen?.metrics) return {};
    const serving = declaration.targets.filter(
      target => colours?.serving[targetKey(target)],
    );
    const entries = serving.map(async target => {
      const analysis = await this.#analyst.watch(promotion, target);
      const verdict = analysis.known
        ? known(judgedSwitchOf(analysis.value))
        : analysis;
      return [targetKey(target), verdict] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  }

  /** Undefined when nobody can say, which is what a failure means here too. */
  async #contains(
    promotion: Promotion,
    revision: string | undefined,
  ): Promise<boolean | undefined> {
    if (!revision || !('commit' in promotion) || !promotion.commit) {
      return undefined;
    }
    const { fleet } = promotion.declaration;
    const { sha } = promotion.commit;
    const answer = await this.#try(`the history of ${fleet.repository}`, () =>
      this.#fleet.contains(fleet, revision, sha),
    );
    return answer.known ? answer.value : undefined;
  }

  async #try<T>(whom: string, ask: () => Promise<T>): Promise<Known<T>> {
    try {
      const value = await ask();
      this.#failingSince.delete(whom);
      return known(value);
    } catch (error) {
      const since = this.#failingSince.get(whom) ?? this.#now();
      this.#failingSince.set(whom, since);
      const message = error instanceof Error ? error.message : `${error}`;
      return unknown(since, message);
    }
  }

  #notAsked<T>(): Known<T> {
    return unknown(this.#now(), 'Not asked for in this phase.');
  }

  #now(): string {
    return this.#clock().toISOString();
  }
}

/** A release that had left the stage when it was last seen stays so, even out of sight. */
function seenIn(
  survey: Known<Survey>,
  stage: string,
  release: string,
): Known<StageObservation | undefined> {
  if (!survey.known) return survey;
  const observation = survey.value.observations.find(
    each => each.stage === stage && each.release === release,
  );
  const sight = survey.value.sights[stage];
  if (sight?.state === 'unknown' && observation?.health !== 'gone') {
    return unknown(sight.since, sight.problem);
  }
  return known(observation);
}
