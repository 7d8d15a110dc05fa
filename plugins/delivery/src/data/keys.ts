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
    history: (
      service: string,
      filter: { readonly stage?: string; readonly only?: string },
    ) => [...root, 'history', service, filter] as const,
    promotion: (id: string) => [...root, 'promotion', id] as const,
    canary: (id: string) => [...root, 'canary', id] as const,
    promotionPlan: (service: string, stage: string, release: string) =>
      [...root, 'promotionPlan', service, stage, release] as const,
    evidence: (release: string) => [...root, 'evidence', release] as const,
    rollbackOptions: (service: string) =>
      [...root, 'rollbackOptions', service] as const,
    rollbackPlan: (
      service: string,
      stages: readonly string[],
      wish: { readonly release?: string; readonly mode?: string },
    ) => [...root, 'rollbackPlan', service, stages, wish] as const,
    approvals: () => [...root, 'approvals'] as const,
    clusters: () => [...root, 'clusters'] as const,
  };
}
