// SPDX-License-Identifier: Apache-2.0
import { isError } from '@backstage/errors';
import type { PromotionPlan, Reason } from '@causeway/plugin-delivery-common';
import type { Services } from '../catalog/Services';
import type { ServiceRepositories } from '../gitops/ServiceRepositories';
import type { PlannedPromotion } from '../promotions/Promotions';

/** Commits that a plan shows; more are counted but not listed. */
const MOST = 50;
/** A slow forge must not hold up the dialog. */
const PATIENCE = 10_000;

/** The commits of a plan, and what could not be found out about them. */
export interface CommitsInPlan {
  readonly commits: PromotionPlan['commits'];
  readonly problems: readonly Reason[];
}

/**
 * The commits between what runs and what would, from the service's own repository. Where that can
 * not be read, the commits of the reported releases stand in, and the plan says so.
 */
export class PlannedCommits {
  readonly #services: Services;
  readonly #repositories: Pick<ServiceRepositories, 'commitsBetween'>;

  constructor(options: {
    readonly services: Services;
    readonly repositories: Pick<ServiceRepositories, 'commitsBetween'>;
  }) {
    this.#services = options.services;
    this.#repositories = options.repositories;
  }

  async of(
    plan: PlannedPromotion,
    signal: AbortSignal,
  ): Promise<CommitsInPlan> {
    const reported = {
      commits: plan.commits.map(({ sha, message, author, time, url }) => ({
        sha,
        message,
        author,
        time,
        ...(url && { url }),
      })),
      problems: [],
    };
    const service = await this.#services.find(plan.service);
    const repository = service?.source && repositoryOf(service.source);
    if (!plan.replaces || !repository) return reported;
    try {
      const { commits, more } = await this.#repositories.commitsBetween(
        repository,
        plan.replaces.commit.sha,
        plan.release.commit.sha,
        MOST,
        AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
      );
      return {
        commits,
        problems: more
          ? [
              {
                code: 'moreCommits',
                text: `There are more than ${MOST} commits; the newest are shown.`,
                owners: [],
              },
            ]
          : [],
      };
    } catch (error) {
      return {
        ...reported,
        problems: [
          {
            code: 'commitsUnknown',
            text: `${
              isError(error) ? error.message : String(error)
            } The commits of the reported releases are shown instead.`,
            owners: [],
          },
        ],
      };
    }
  }
}

/** The repository of a source location, which may name a branch and a folder of it. */
export function repositoryOf(source: string): string | undefined {
  return /^https?:\/\/[^/]+\/.+?(?=\/(?:-\/)?(?:src|tree|blob|raw)\/|\/?$)/.exec(
    source,
  )?.[0];
}
