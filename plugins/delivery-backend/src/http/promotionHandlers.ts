// SPDX-License-Identifier: Apache-2.0
import {
  isRefused,
  promotionView,
  releaseRef,
  type ApprovalItem,
  type PromotionDetail,
  type PromotionPlan,
  type PromotionView,
  type Reason,
} from '@causeway/plugin-delivery-common';
import type {
  PlannedPromotion,
  Promotions,
  StoredPromotion,
} from '../promotions/Promotions';
import { describeEvent } from '../views/describeEvent';
import type { CommitsInPlan, PlannedCommits } from '../views/PlannedCommits';
import { asksApproval, inView, reasonOf } from '../views/PipelineViews';
import {
  sayNotPermitted,
  serviceNamed,
  type Admission,
  type Caller,
} from './Admission';
import { problemOfRefusal, RequestProblem } from './RequestProblem';
import type { Handlers } from './routes';
import {
  stageResource,
  type StageAction,
  type StagePermissions,
} from './StagePermissions';

/** Asking for promotions, deciding and reading them. */
export function promotionHandlers(parts: {
  readonly admission: Admission;
  readonly promotions: Promotions;
  readonly plannedCommits: PlannedCommits;
  readonly stagePermissions: StagePermissions;
}): Handlers<
  | 'requestPromotion'
  | 'getPromotion'
  | 'decidePromotion'
  | 'cancelPromotion'
  | 'getApprovals'
> {
  const { admission, promotions, plannedCommits, stagePermissions } = parts;

  const stageOf = async (id: string) => {
    const stored = await promotions.get(id);
    if (!stored) throw unknownPromotion(id);
    return stored.promotion;
  };

  return {
    async requestPromotion(request) {
      const { dryRun, ...asked } = request.body;
      const wish = { ...asked, service: serviceNamed(asked.service) };
      if (dryRun) {
        await admission.read(request);
        await admission.find(wish.service);
        const plan = orThrow(await promotions.plan(wish, request.signal));
        const commits = await plannedCommits.of(plan, request.signal);
        return { status: 200, body: planView(plan, commits) };
      }
      return admission.command(request, {
        eventId: 'promotion-request',
        meta: { ...wish },
        needs: async () => ({
          action: 'promote',
          service: wish.service,
          stages: [wish.stage],
        }),
        run: async ({ actor }) =>
          accepted(orThrow(await promotions.request(wish, actor)).stored),
      });
    },

    async getPromotion(request) {
      const caller = await admission.read(request);
      const { id } = request.params;
      const stored = await promotions.get(id);
      if (!stored) throw unknownPromotion(id);
      return { status: 200, body: await detail(stored, caller) };
    },

    async decidePromotion(request) {
      const { id } = request.params;
      const { decision, reason } = request.body;
      const given = { ...(reason && { reason }) };
      return admission.command(request, {
        eventId: 'promotion-decide',
        meta: { promotion: id, decision, ...given },
        needs: async () => {
          const { service, stage } = await stageOf(id);
          return { action: 'approve', service, stages: [stage] };
        },
        run: async ({ actor }) => {
          const answer =
            decision === 'approve'
              ? await promotions.approve(id, given, actor)
              : await promotions.reject(id, given, actor);
          return accepted(orThrow(answer).stored);
        },
      });
    },

    async cancelPromotion(request) {
      const { id } = request.params;
      const { reason } = request.body;
      const given = { ...(reason && { reason }) };
      return admission.command(request, {
        eventId: 'promotion-cancel',
        meta: { promotion: id, ...given },
        needs: async () => {
          const { service, stage } = await stageOf(id);
          return { action: 'cancel', service, stages: [stage] };
        },
        run: async ({ actor }) =>
          accepted(orThrow(await promotions.cancel(id, given, actor)).stored),
      });
    },

    async getApprovals(request) {
      const caller = await admission.read(request);
      const waiting = await promotions.approvals(caller.actor);
      const items = await Promise.all(
        waiting.map(async (approval): Promise<ApprovalItem> => {
          const [reason] = [
            ...(await missingRight('approve', approval.stored, caller)),
            ...(approval.whyNot ? [reasonOf(approval.whyNot)] : []),
          ];
          const mine = approval.mine && !reason;
          return {
            promotion: promotionView(inView(approval.stored), { mine }),
            mine,
            ...(reason && { whyNot: reason.text }),
            waitingSince: approval.waitingSince,
          };
        }),
      );
      const mineFirst = [
        ...items.filter(item => item.mine),
        ...items.filter(item => !item.mine),
      ];
      return { status: 200, body: { items: mineFirst } };
    },
  };

  async function detail(
    stored: StoredPromotion,
    caller: Caller,
  ): Promise<PromotionDetail> {
    const { id } = stored.promotion;
    const [events, decide, cancel] = await Promise.all([
      promotions.events(id),
      reasonsToDecide(stored, caller),
      reasonsToCancel(stored, caller),
    ]);
    const about = {
      promotion: id,
      release: releaseRef(stored.promotion.release),
    };
    const action = (
      name: PromotionDetail['allowedActions'][number]['action'],
      reasons: readonly Reason[] | undefined,
    ) =>
      reasons
        ? [{ action: name, allowed: reasons.length === 0, reasons, ...about }]
        : [];
    return {
      promotion: promotionView(inView(stored), { mine: decide?.length === 0 }),
      events: events.map((event, index) => ({
        version: index + 1,
        type: event.type,
        at: event.at,
        actor: event.actor,
        text: describeEvent(event),
        ...('reason' in event && event.reason && { reason: event.reason }),
      })),
      allowedActions: [
        ...action('approve', decide),
        ...action('reject', decide),
        ...action('cancel', cancel),
      ],
    };
  }

  async function reasonsToDecide(stored: StoredPromotion, caller: Caller) {
    if (!asksApproval(stored)) return undefined;
    const { id } = stored.promotion;
    const refusal = await promotions.mayApprove(id, caller.actor);
    return [
      ...(await missingRight('approve', stored, caller)),
      ...(refusal ? [reasonOf(refusal)] : []),
    ];
  }

  async function reasonsToCancel(stored: StoredPromotion, caller: Caller) {
    if ('finishedAt' in stored.promotion) return undefined;
    const refusal = await promotions.mayCancel(stored.promotion.id);
    return [
      ...(await missingRight('cancel', stored, caller)),
      ...(refusal ? [reasonOf(refusal)] : []),
    ];
  }

  async function missingRight(
    action: StageAction,
    { promotion }: StoredPromotion,
    caller: Caller,
  ): Promise<readonly Reason[]> {
    const { stage, declaration } = promotion;
    const { service } = await admission.find(promotion.service);
    const rights = await stagePermissions.of(caller.credentials);
    const resource = stageResource(service, {
      name: stage,
      kind: declaration.stageKind,
    });
    return rights(action, resource)
      ? []
      : [
          {
            code: 'notPermitted',
            text: sayNotPermitted(action, { title: declaration.stageTitle }),
            owners: service.owners,
          },
        ];
  }
}

/** The value, or the refusal as the error that the API answers. */
export function orThrow<T extends object>(
  value: T,
): Exclude<T, { readonly kind: 'refused' }> {
  if (isRefused(value)) throw problemOfRefusal(value);
  return value as Exclude<T, { readonly kind: 'refused' }>;
}

function accepted(stored: StoredPromotion): {
  readonly status: 202;
  readonly body: PromotionView;
} {
  return { status: 202, body: promotionView(inView(stored)) };
}

function planView(
  plan: PlannedPromotion,
  { commits, problems }: CommitsInPlan,
): PromotionPlan {
  return {
    service: plan.service,
    stage: plan.stage,
    release: releaseRef(plan.release),
    ...(plan.replaces && { replaces: releaseRef(plan.replaces) }),
    commits,
    diff: plan.diff.known ? plan.diff.value.objects : [],
    unchanged: plan.diff.known ? plan.diff.value.unchanged : 0,
    gates: plan.gates,
    consequences: plan.consequences,
    problems: [
      ...plan.problems.map(reasonOf),
      ...problems,
      ...(plan.diff.known
        ? []
        : [
            {
              code: 'diffUnknown',
              text: `What changes in the clusters can not be shown: ${plan.diff.problem}`,
              owners: [],
            },
          ]),
    ],
  };
}

/** The answer about a promotion that does not exist. */
export function unknownPromotion(id: string): RequestProblem {
  return new RequestProblem('NotFoundError', {
    code: 'unknownPromotion',
    message: `There is no promotion ${id}.`,
    hint: 'Look for it in the history of the service.',
  });
}
