// SPDX-License-Identifier: Apache-2.0
import type { Target } from '../pipeline/pipeline';
import type { ReleaseImage } from '../release/release';
import type { PromotionKind } from './promotion';

/** Something to do to the world outside, as data. Each is safe to repeat with the same token. */
export type Effect =
  | {
      readonly kind: 'writeCommit';
      readonly promotion: string;
      readonly fleet: { readonly repository: string; readonly branch: string };
      readonly targets: readonly Target[];
      readonly images: readonly ReleaseImage[];
      readonly message: CommitFacts;
    }
  | {
      readonly kind: 'requestReconcile';
      readonly promotion: string;
      readonly target: Target;
      readonly actor: string;
      /** Written to the cluster; the same for every repetition. */
      readonly token: string;
    };

export type EffectKind = Effect['kind'];

/** What the commit says; people are entity refs. */
export interface CommitFacts {
  readonly kind: PromotionKind;
  readonly service: string;
  readonly stage: string;
  readonly version: string;
  readonly requestedBy: string;
  readonly approvedBy: readonly string[];
  readonly reason?: string;
}

/** Every effect, for crash tests: a new effect does not compile without its kill points. */
export const killPoints = {
  writeCommit: ['before', 'after'],
  requestReconcile: ['before', 'after'],
} as const satisfies Record<EffectKind, readonly ['before', 'after']>;

/**
 * First line and trailers of the promotion's commit.
 * @param name - how to write a person, for example `Mia Lindqvist <mia@norden.example>`
 */
export function commitMessage(
  facts: CommitFacts,
  name: (entityRef: string) => string,
): {
  readonly subject: string;
  readonly trailers: readonly (readonly [string, string])[];
} {
  const service = facts.service.slice(facts.service.lastIndexOf('/') + 1);
  const verb = facts.kind === 'rollback' ? 'Roll back' : 'Promote';
  const reason = facts.reason?.replace(/\s+/g, ' ').trim();
  return {
    subject:
      facts.kind === 'rollback'
        ? `${verb} ${service} in ${facts.stage} to ${facts.version}`
        : `${verb} ${service} ${facts.version} to ${facts.stage}`,
    trailers: [
      ['Release', facts.version],
      ['Stage', facts.stage],
      ['Kind', facts.kind],
      ...facts.approvedBy.map(by => ['Approved-by', name(by)] as const),
      ['Requested-by', name(facts.requestedBy)],
      ...(reason ? [['Reason', reason] as const] : []),
    ],
  };
}
