// SPDX-License-Identifier: Apache-2.0
import { stringifyEntityRef } from '@backstage/catalog-model';
import {
  promotionView,
  releaseRef,
  type Reason,
  type RollbackChoices,
  type RollbackOptions,
  type RollbackPlan,
} from '@causeway/plugin-delivery-common';
import type { Releases } from '../releases/Releases';
import type { RollbackPreview, Rollbacks } from '../rollbacks/Rollbacks';
import { inView, reasonOf } from '../views/PipelineViews';
import { sayNotPermitted, serviceNamed, type Admission } from './Admission';
import { orThrow } from './promotionHandlers';
import { RequestProblem } from './RequestProblem';
import type { Handlers } from './routes';
import { stageResource, type StagePermissions } from './StagePermissions';

/** Taking stages back. */
export function rollbackHandlers(parts: {
  readonly admission: Admission;
  readonly rollbacks: Rollbacks;
  readonly releases: Pick<Releases, 'get'>;
  readonly stagePermissions: StagePermissions;
}): Handlers<'requestRollback' | 'getRollbackOptions'> {
  const { admission, rollbacks, releases, stagePermissions } = parts;

  const checkRelease = async (service: string, id: string | undefined) => {
    if (id === undefined) return;
    const release = await releases.get(id);
    if (release?.service !== service) throw unknownRelease(service, id);
  };

  return {
    async requestRollback(request) {
      const { dryRun, ...asked } = request.body;
      const wish = { ...asked, service: serviceNamed(asked.service) };
      if (dryRun) {
        await admission.read(request);
        const { service } = await admission.find(wish.service);
        await checkRelease(service.ref, wish.release);
        const plan = orThrow(await rollbacks.plan(wish, request.signal));
        return { status: 200, body: planView(plan) };
      }
      return admission.command(request, {
        eventId: 'rollback-request',
        meta: { ...wish, stages: [...wish.stages] },
        needs: async () => ({
          action: 'rollback',
          service: wish.service,
          stages: wish.stages,
        }),
        run: async ({ actor }) => {
          await checkRelease(wish.service, wish.release);
          const { rollback, promotions } = orThrow(
            await rollbacks.request(wish, actor),
          );
          return {
            status: 202,
            body: {
              rollback,
              promotions: promotions.map(stored =>
                promotionView(inView(stored)),
              ),
            },
          };
        },
      });
    },

    async getRollbackOptions(request) {
      const caller = await admission.read(request);
      const { service, pipeline } = await admission.find(
        stringifyEntityRef(request.params),
      );
      const [choices, rights] = await Promise.all([
        rollbacks.options(service.ref),
        stagePermissions.of(caller.credentials),
      ]);
      const missingRight = (name: string): readonly Reason[] => {
        const stage = pipeline.stages.find(other => other.name === name);
        return !stage || rights('rollback', stageResource(service, stage))
          ? []
          : [
              {
                code: 'notPermitted',
                text: sayNotPermitted('rollback', stage),
                owners: service.owners,
              },
            ];
      };
      return {
        status: 200,
        body: {
          stages: orThrow(choices).map(choice =>
            choiceView(choice, missingRight(choice.stage)),
          ),
        },
      };
    },
  };
}

function unknownRelease(service: string, id: string): RequestProblem {
  return new RequestProblem('NotFoundError', {
    code: 'unknownRelease',
    message: `${service} has no release ${id}.`,
    hint: 'Choose one of the releases that the rollback offers.',
  });
}

function choiceView(
  choice: RollbackChoices,
  missingRight: readonly Reason[],
): RollbackOptions['stages'][number] {
  const reasons = [...missingRight, ...choice.refused.map(reasonOf)];
  return {
    stage: choice.stage,
    title: choice.title,
    allowed: reasons.length === 0,
    reasons,
    ...(choice.current && { current: releaseRef(choice.current) }),
    releases: choice.choices.map(one => ({
      release: releaseRef(one.release),
      previous: one.previous,
      ...(one.ranFrom && { ranFrom: one.ranFrom }),
      ...(one.ranUntil && { ranUntil: one.ranUntil }),
      allowed: one.refused === undefined,
      ...(one.refused && { why: one.refused.reason }),
    })),
  };
}

function planView(plan: RollbackPreview): RollbackPlan {
  return {
    service: plan.service,
    consequences: plan.consequences,
    stages: plan.stages.map(stage => ({
      stage: stage.stage,
      title: stage.title,
      ...(stage.from && { from: releaseRef(stage.from) }),
      ...(stage.to && { to: releaseRef(stage.to) }),
      ...(stage.canary && { canary: stage.canary }),
      ...(stage.diff.known && { diff: stage.diff.value.objects }),
      problems: [
        ...stage.problems.map(reasonOf),
        ...(stage.diff.known
          ? []
          : [
              {
                code: 'diffUnknown',
                text: `What changes in the clusters can not be shown: ${stage.diff.problem}`,
                owners: [],
              },
            ]),
      ],
    })),
  };
}
