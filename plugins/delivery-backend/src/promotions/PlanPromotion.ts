// SPDX-License-Identifier: Apache-2.0
import {
  areNodeGroups,
  haveOverlays,
  isNewer,
  known,
  sayArrival,
  sayEntity,
  unknown,
  wantedImages,
  chooseColours,
  declarationOf,
  targetKey,
  type GateVerdict,
  type Known,
  type Pipeline,
  type PromotedRelease,
  type Refused,
  type Release,
  type Stage,
} from '@causeway/plugin-delivery-common';
import type { Clock } from '../Clock';
import type { Clusters } from '../clusters/Clusters';
import type { FleetRepositories } from '../gitops/FleetRepositories';
import type { Releases } from '../releases/Releases';
import { activeIn } from './PromotionRequests';
import type { PlannedPromotion } from './Promotions';
import {
  promotedRelease,
  type ServiceSituation,
  type ServiceSituations,
} from './ServiceSituation';

const RELEASES = 200;

type Difference = Awaited<ReturnType<FleetRepositories['diff']>>;

/** Says beforehand what a promotion would change; writes nothing. */
export class PlanPromotion {
  readonly #fleet: FleetRepositories;
  readonly #releases: Releases;
  readonly #situations: ServiceSituations;
  readonly #clusters: Pick<Clusters, 'targetState'>;
  readonly #clock: Clock;

  constructor(options: {
    readonly fleet: FleetRepositories;
    readonly releases: Releases;
    readonly situations: ServiceSituations;
    readonly clusters: Pick<Clusters, 'targetState'>;
    readonly clock: Clock;
  }) {
    this.#fleet = options.fleet;
    this.#releases = options.releases;
    this.#situations = options.situations;
    this.#clusters = options.clusters;
    this.#clock = options.clock;
  }

  async plan(
    asked: {
      readonly situation: ServiceSituation;
      readonly pipeline: Pipeline;
      readonly stage: Stage;
      readonly release: Release;
      readonly problems: readonly Refused[];
      readonly gates: readonly GateVerdict[];
    },
    signal: AbortSignal,
  ): Promise<PlannedPromotion> {
    const { situation, pipeline, stage, release } = asked;
    const running = await this.#situations.running(situation, stage.name);
    const diff = await this.difference(pipeline, stage, { release, signal });
    const arrival = sayArrival(stage, {
      version: release.version,
      before: running?.version,
      targets: stage.targets.map(each => this.#clusters.targetState(each)),
      addsCanary:
        diff.known &&
        diff.value.objects.some(
          ({ kind, change }) => kind === 'Canary' && change === 'added',
        ),
    });
    return {
      kind: 'planned',
      service: pipeline.service,
      stage: stage.name,
      release: promotedRelease(release),
      ...(running && { replaces: promotedRelease(running) }),
      commits: await this.#commitsBetween(running, release),
      diff,
      gates: asked.gates,
      consequences: consequences({ ...asked, running, arrival }),
      problems: asked.problems,
    };
  }

  /** The rendered difference, or why it can not be told. */
  async difference(
    pipeline: Pipeline,
    stage: Stage,
    wanted: {
      readonly release: PromotedRelease;
      /** Engines are to skip their analysis. */
      readonly hurry?: boolean;
      readonly signal: AbortSignal;
    },
  ): Promise<Known<Difference>> {
    const declaration = declarationOf(pipeline, stage);
    const { release, hurry } = wanted;
    const colours = stage.blueGreen
      ? this.#colours({
          // Only what goes back has a speed.
          kind: hurry === undefined ? 'promotion' : 'rollback',
          release,
          declaration,
        })
      : undefined;
    if (typeof colours === 'string') {
      return unknown(this.#clock().toISOString(), colours);
    }
    try {
      return known(
        await this.#fleet.diff(
          {
            location: pipeline.fleet,
            targets: stage.targets,
            images: wantedImages({ release, declaration }),
            hurry,
            ...(colours && { colours }),
            lastApplied: target =>
              this.#clusters.targetState(target).flux?.lastAppliedRevision,
          },
          wanted.signal,
        ),
      );
    } catch (error) {
      return unknown(
        this.#clock().toISOString(),
        error instanceof Error ? error.message : `${error}`,
      );
    }
  }

  /** The colours that a promotion would choose now, or why that can not be told. */
  #colours(promotion: Parameters<typeof chooseColours>[0]) {
    const { targets } = promotion.declaration;
    const states = targets.map(target => {
      const state = this.#clusters.targetState(target);
      return [targetKey(target), { state }] as const;
    });
    return chooseColours(promotion, Object.fromEntries(states));
  }

  /** Commits of the releases after the older and up to the newer of the two, newest first. */
  async #commitsBetween(
    running: Release | undefined,
    release: Release,
  ): Promise<readonly PromotedRelease['commit'][]> {
    if (!running || running.id === release.id) {
      return running ? [] : [release.commit];
    }
    const [older, newer] = isNewer(release, running)
      ? [running, release]
      : [release, running];
    const all = await this.#releases.list(release.service, RELEASES);
    return all
      .filter(each => isNewer(each, older) && !isNewer(each, newer))
      .sort((left, right) => (isNewer(left, right) ? -1 : 1))
      .map(({ commit }) => commit);
  }
}

function consequences(asked: {
  readonly situation: ServiceSituation;
  readonly pipeline: Pipeline;
  readonly stage: Stage;
  readonly release: Release;
  readonly running: Release | undefined;
  readonly gates: readonly GateVerdict[];
  readonly arrival: readonly string[];
}): readonly string[] {
  const { situation, pipeline, stage, release, running, gates } = asked;
  const isOpen = gates.some(({ verdict }) => verdict !== 'passed');
  const sight = situation.sights[stage.name];
  const active = activeIn(situation, stage.name);
  const backwards = running && isNewer(running, release);
  return [
    isOpen
      ? 'It goes on by itself as soon as every gate has passed.'
      : 'Every gate has passed, so it starts at once.',
    sayCommit(pipeline, stage, release),
    ...asked.arrival,
    ...(backwards
      ? [`This goes back from ${running.version} to an older release.`]
      : []),
    ...(active && active.promotion.release.id !== release.id
      ? [`The promotion of ${active.promotion.release.version} gives way.`]
      : []),
    ...(sight?.state === 'unknown'
      ? [
          `Not every cluster can be seen (${sight.problem}); it is done only when all prove it.`,
        ]
      : []),
  ];
}

function sayCommit(
  { fleet, service }: Pipeline,
  stage: Stage,
  { version }: Release,
): string {
  const where = `${fleet.branch} of the fleet repository`;
  const places = areNodeGroups(stage.targets)
    ? 'overrides of some node groups'
    : 'overlays of some devices';
  return haveOverlays(stage.targets)
    ? `One commit to ${where} records it in the name of who asked for it; then each step of the wave is a commit to the ${places}.`
    : `One commit to ${where} sets ${sayEntity(
        service,
      )} to ${version}, in the name of who asked for it.`;
}
