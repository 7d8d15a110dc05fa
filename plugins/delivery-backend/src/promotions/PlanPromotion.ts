// SPDX-License-Identifier: Apache-2.0
import {
  isNewer,
  known,
  sayEntity,
  unknown,
  wantedImages,
  declarationOf,
  type GateVerdict,
  type Known,
  type Pipeline,
  type PromotedRelease,
  type Refused,
  type Release,
  type Stage,
} from '@causeway/plugin-delivery-common';
import type { Clock } from '../Clock';
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
  readonly #clock: Clock;

  constructor(options: {
    readonly fleet: FleetRepositories;
    readonly releases: Releases;
    readonly situations: ServiceSituations;
    readonly clock: Clock;
  }) {
    this.#fleet = options.fleet;
    this.#releases = options.releases;
    this.#situations = options.situations;
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
    return {
      kind: 'planned',
      service: pipeline.service,
      stage: stage.name,
      release: promotedRelease(release),
      ...(running && { replaces: promotedRelease(running) }),
      commits: await this.#commitsBetween(running, release),
      diff: await this.difference(pipeline, stage, { release, signal }),
      gates: asked.gates,
      consequences: consequences({ ...asked, running }),
      problems: asked.problems,
    };
  }

  /** The rendered difference, or why it can not be told. */
  async difference(
    pipeline: Pipeline,
    stage: Stage,
    wanted: { readonly release: PromotedRelease; readonly signal: AbortSignal },
  ): Promise<Known<Difference>> {
    const declaration = declarationOf(pipeline, stage);
    try {
      return known(
        await this.#fleet.diff(
          {
            location: pipeline.fleet,
            targets: stage.targets,
            images: wantedImages({ release: wanted.release, declaration }),
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
}): readonly string[] {
  const { situation, pipeline, stage, release, running, gates } = asked;
  const clusters = [...new Set(stage.targets.map(({ cluster }) => cluster))];
  const open = gates.filter(({ verdict }) => verdict !== 'passed');
  const sight = situation.sights[stage.name];
  const active = activeIn(situation, stage.name);
  const backwards = running && isNewer(running, release);
  return [
    open.length > 0
      ? `It waits until ${
          open.length === 1 ? '1 gate has' : `${open.length} gates have`
        } passed, then goes on by itself.`
      : 'Every gate has passed, so it starts at once.',
    `One commit to ${
      pipeline.fleet.branch
    } of the fleet repository sets ${sayEntity(pipeline.service)} to ${
      release.version
    }, in your name.`,
    `Flux replaces ${running?.version ?? 'what runs'} in ${clusters.join(
      ' and ',
    )}.`,
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
