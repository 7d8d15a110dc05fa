// SPDX-License-Identifier: Apache-2.0
/** Everything this plugin keeps in the query cache starts with it. */
export const everyDeliveryKey = ['delivery'] as const;

/**
 * The names of what is kept in the query cache, per person: answers differ by who asks (allowed
 * actions, approvals), so one person never sees what was read for another.
 */
export function deliveryKeys(user: string) {
  const root = [...everyDeliveryKey, user] as const;
  return {
    pipeline: (service: string) => [...root, 'pipeline', service] as const,
    history: (service: string, stage: string | undefined) =>
      [...root, 'history', service, stage ?? ''] as const,
    promotion: (id: string) => [...root, 'promotion', id] as const,
    promotionPlan: (service: string, stage: string, release: string) =>
      [...root, 'promotionPlan', service, stage, release] as const,
    rollbackOptions: (service: string) =>
      [...root, 'rollbackOptions', service] as const,
    rollbackPlan: (
      service: string,
      stages: readonly string[],
      release: string | undefined,
    ) => [...root, 'rollbackPlan', service, stages, release ?? ''] as const,
    approvals: () => [...root, 'approvals'] as const,
    clusters: () => [...root, 'clusters'] as const,
  };
}
