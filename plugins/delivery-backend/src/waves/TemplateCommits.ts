// SPDX-License-Identifier: Apache-2.0
import {
  PORTAL_ACTOR,
  wantedImages,
  type Promotion,
} from '@causeway/plugin-delivery-common';
import type { Actors } from '../audit/Actors';
import type { Clusters } from '../clusters/Clusters';
import type { FleetRepositories } from '../gitops/FleetRepositories';
import { imagesBefore } from './templateSeen';
import type { WaveTemplate } from './waveEvents';

/**
 * Writes to Git what the DaemonSets of a wave shall make new pods from: the release, or for a while
 * what ran before, so that devices can be taken back. Each step is one commit, found again by its name.
 */
export class TemplateCommits {
  constructor(
    private readonly outside: {
      readonly fleet: Pick<FleetRepositories, 'commit'>;
      readonly clusters: Pick<Clusters, 'requestReconcile'>;
      readonly actors: Actors;
    },
  ) {}

  /** Returns the commit. @throws errors like {@link FleetRepositories.commit} */
  async write(
    promotion: Promotion,
    template: WaveTemplate,
    signal: AbortSignal,
  ): Promise<string> {
    const { fleet, actors } = this.outside;
    const { release, replaces, service, stage, declaration } = promotion;
    const isBack = template.wants === 'before';
    const name = service.slice(service.lastIndexOf('/') + 1);
    const { sha } = await fleet.commit(
      {
        location: declaration.fleet,
        promotion: stepName(promotion, template),
        targets: declaration.targets,
        images: isBack ? imagesBefore(promotion) : wantedImages(promotion),
        author: await actors.describe(PORTAL_ACTOR),
        subject: isBack
          ? `Let devices of ${stage} go back to ${name} ${
              replaces?.version ?? ''
            }`.trimEnd()
          : `Let devices of ${stage} get ${name} ${release.version} again`,
        trailers: [
          ['Release', isBack ? replaces?.version ?? '' : release.version],
          ['Stage', stage],
          ['Wave', promotion.id],
        ],
      },
      signal,
    );
    return sha;
  }

  /**
   * Returns what kept Flux from being asked, by cluster. It looks by itself, too, so that only makes it
   * slower there.
   */
  async askFlux(
    promotion: Promotion,
    template: WaveTemplate,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const { clusters } = this.outside;
    const behalf = { actor: PORTAL_ACTOR, promotion: promotion.id };
    const name = stepName(promotion, template);
    const outcomes = await Promise.allSettled(
      promotion.declaration.targets.map(target =>
        clusters.requestReconcile(target, name, behalf, signal),
      ),
    );
    return outcomes.flatMap(outcome =>
      outcome.status === 'rejected' ? [String(outcome.reason)] : [],
    );
  }
}

/** Names a step's commit in Git. */
function stepName(
  { id }: Pick<Promotion, 'id'>,
  { step }: WaveTemplate,
): string {
  return `${id}.${step}`;
}
