// SPDX-License-Identifier: Apache-2.0
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  promotionView,
  type CanaryHook,
  type SteeringAction,
} from '@causeway/plugin-delivery-common';
import type { CanaryGates } from '../canary/CanaryGates';
import type { CanaryViews } from '../canary/CanaryViews';
import { isKeyOf } from '../canary/clusterKey';
import type { Promotions, StoredPromotion } from '../promotions/Promotions';
import { inView } from '../views/PipelineViews';
import type { Admission } from './Admission';
import { etagOf, isKnown } from './etag';
import { orThrow, unknownPromotion } from './promotionHandlers';
import { RequestProblem } from './RequestProblem';
import type { Handlers } from './routes';
import type { StageAction, StagePermissions } from './StagePermissions';
import { withheldActions } from './withheldActions';

/** Pausing keeps what was agreed to; hurrying goes past it; taking back is a rollback. */
const rightFor: Readonly<Record<SteeringAction, StageAction>> = {
  pause: 'promote',
  resume: 'promote',
  stepNow: 'approve',
  promoteFully: 'approve',
  abort: 'rollback',
};

const hooks: readonly CanaryHook[] = [
  'confirm-rollout',
  'confirm-traffic-increase',
  'confirm-promotion',
  'rollback',
  'event',
];

/** Looking at canaries, telling them what to do, and answering their engines. */
export function canaryHandlers(parts: {
  readonly admission: Admission;
  readonly promotions: Promotions;
  readonly stagePermissions: StagePermissions;
  readonly canaryViews: CanaryViews;
  readonly canaryGates: CanaryGates;
  /** Keys of clusters are made of it; without it no engine is answered. */
  readonly canarySecret?: string;
  readonly logger: LoggerService;
}): Handlers<'getCanary' | 'steerCanary' | 'answerCanaryHook'> {
  const { admission, promotions, canaryViews, canaryGates, canarySecret } =
    parts;

  const find = async (id: string): Promise<StoredPromotion> => {
    const stored = await promotions.get(id);
    if (!stored) throw unknownPromotion(id);
    return stored;
  };

  return {
    async getCanary(request) {
      const caller = await admission.read(request);
      const stored = await find(request.params.id);
      const view = await canaryViews.of(
        stored,
        await withheldActions(parts, {
          promotion: stored.promotion,
          caller,
          rightFor,
        }),
      );
      // The sentence counts down every second; what it counts is in the rest.
      const headers = { ETag: etagOf({ ...view, headline: undefined }) };
      return isKnown(request.header('if-none-match'), headers.ETag)
        ? { status: 304, headers }
        : { status: 200, body: view, headers };
    },

    async steerCanary(request) {
      const { id } = request.params;
      const { action, reason } = request.body;
      const given = { ...(reason && { reason }) };
      return admission.command(request, {
        eventId: 'canary-steer',
        meta: { promotion: id, action, ...given },
        needs: async () => {
          const { service, stage } = (await find(id)).promotion;
          return { action: rightFor[action], service, stages: [stage] };
        },
        run: async ({ actor }) => {
          const answer = await promotions.steer(
            id,
            { action, ...given },
            actor,
          );
          return {
            status: 202,
            body: promotionView(inView(orThrow(answer).stored)),
          };
        },
      });
    },

    async answerCanaryHook(request) {
      const { cluster, hook: name } = request.params;
      const { namespace, name: canary, checksum = '', metadata } = request.body;
      if (
        !canarySecret ||
        !isKeyOf(canarySecret, cluster, metadata?.key ?? '')
      ) {
        parts.logger.warn(
          `A question about a canary in ${cluster} came with a wrong key`,
        );
        throw wrongKey();
      }
      const hook = hooks.find(each => each === name);
      if (!hook) throw unknownHook(name);
      const answer = await canaryGates.answer({
        cluster,
        namespace,
        name: canary,
        hook,
        checksum,
        ...(hook === 'event' && {
          notice: {
            type: metadata?.eventType ?? 'Normal',
            message: metadata?.eventMessage ?? '',
          },
        }),
      });
      return {
        status: answer.open ? 200 : 403,
        body: { ...answer },
        headers: { 'Cache-Control': 'no-store' },
      };
    },
  };
}

function wrongKey(): RequestProblem {
  return new RequestProblem('AuthenticationError', {
    code: 'wrongKey',
    message: 'The key of the question is not that of the cluster.',
    hint: 'Give the webhooks the key that belongs to the cluster and delivery.canaries.secret.',
  });
}

function unknownHook(hook: string): RequestProblem {
  return new RequestProblem('NotFoundError', {
    code: 'unknownHook',
    message: `There is no hook ${hook}.`,
    hint: `The hooks are ${hooks.join(', ')}.`,
  });
}
