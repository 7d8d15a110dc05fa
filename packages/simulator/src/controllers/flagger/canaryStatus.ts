// SPDX-License-Identifier: Apache-2.0
import { Condition, timestamp } from '../runtime/resources';
import type { Canary, CanaryPhase, CanaryStatus } from './flaggerObjects';

type Saying = readonly [Condition['status'], (kind: string) => string];

const approval: Saying = ['Unknown', () => 'Waiting for approval.'];
const sayings: Record<CanaryPhase, Saying> = {
  Initializing: [
    'Unknown',
    kind => `New ${kind} detected, starting initialization.`,
  ],
  Initialized: ['True', kind => `${kind} initialization completed.`],
  Waiting: approval,
  WaitingPromotion: approval,
  Progressing: [
    'Unknown',
    () => 'New revision detected, progressing canary analysis.',
  ],
  Promoting: [
    'Unknown',
    () => 'Canary analysis completed, starting primary rolling update.',
  ],
  Finalising: [
    'Unknown',
    () => 'Canary analysis completed, routing all traffic to primary.',
  ],
  Succeeded: [
    'True',
    () => 'Canary analysis completed successfully, promotion finished.',
  ],
  Failed: ['False', kind => `Canary analysis failed, ${kind} scaled to zero.`],
};

/** The condition `Promoted` for a phase; the present one while its word and reason stay. */
function conditionsFor(
  { spec, status }: Canary,
  phase: CanaryPhase,
  now: Date,
): readonly Condition[] {
  const [truth, message] = sayings[phase];
  const present = status?.conditions?.find(({ type }) => type === 'Promoted');
  if (present && present.status === truth && present.reason === phase)
    return [present];
  const when = timestamp(now);
  return [
    {
      type: 'Promoted',
      status: truth,
      reason: phase,
      message: message(spec.targetRef.kind),
      lastUpdateTime: when,
      lastTransitionTime:
        (present?.status === truth && present.lastTransitionTime) || when,
    },
  ];
}

/** The status of a canary that was just found. */
export function initializing(canary: Canary, now: Date): CanaryStatus {
  return {
    canaryWeight: 0,
    failedChecks: 0,
    iterations: 0,
    phase: 'Initializing',
    lastTransitionTime: timestamp(now),
    conditions: conditionsFor(canary, 'Initializing', now),
  };
}

/**
 * The status when a revision is taken up or given up: counts begin anew and
 * the revision that is in the target now counts as applied.
 */
export function synced(
  canary: Canary,
  to: { readonly phase: CanaryPhase; readonly revision: string } & Pick<
    CanaryStatus,
    'canaryWeight' | 'failedChecks' | 'iterations'
  >,
  now: Date,
): CanaryStatus {
  return {
    ...canary.status,
    phase: to.phase,
    canaryWeight: to.canaryWeight ?? 0,
    failedChecks: to.failedChecks ?? 0,
    iterations: to.iterations ?? 0,
    lastAppliedSpec: to.revision,
    ...(to.phase === 'Initialized' ? { lastPromotedSpec: to.revision } : {}),
    trackedConfigs: {},
    lastTransitionTime: timestamp(now),
    conditions: conditionsFor(canary, to.phase, now),
  };
}

const keepsWeight: readonly CanaryPhase[] = [
  'Progressing',
  'Waiting',
  'Promoting',
];

/**
 * The status in another phase. Weight and iterations are forgotten in most
 * phases although traffic may still flow: in `WaitingPromotion` the real
 * weight is not what the status says.
 */
export function inPhase(
  canary: Canary,
  phase: CanaryPhase,
  now: Date,
): CanaryStatus {
  const { status } = canary;
  const iterations =
    phase === 'WaitingPromotion'
      ? (canary.spec.analysis?.iterations ?? 0) - 1
      : 0;
  return {
    ...status,
    phase,
    lastTransitionTime: timestamp(now),
    ...(keepsWeight.includes(phase) ? {} : { canaryWeight: 0, iterations }),
    ...(phase === 'Initialized' || phase === 'Succeeded'
      ? { lastPromotedSpec: status?.lastAppliedSpec }
      : {}),
    conditions: conditionsFor(canary, phase, now),
  };
}

/** Whether the revision in the target is neither the one that was taken up last nor the promoted one. */
export function isNewRevision(
  status: CanaryStatus | undefined,
  revision: string,
): boolean {
  if (!status?.lastAppliedSpec) return true;
  return (
    status.lastPromotedSpec !== revision && status.lastAppliedSpec !== revision
  );
}
