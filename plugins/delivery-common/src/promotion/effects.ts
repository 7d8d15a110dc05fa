// SPDX-License-Identifier: Apache-2.0
import type { EngineOrder } from '../canary/order/engineOrder';
import type { Target } from '../pipeline/pipeline';
import type { ReleaseImage } from '../release/release';
import type { Colour } from '../cluster/describeColours';
import type { ColourChoices } from './blueGreen';
import type { PromotionKind } from './promotion';

/** Something to do to the world outside, as data. Each is safe to repeat with the same token. */
export type Effect =
  | {
      readonly kind: 'writeCommit';
      readonly promotion: string;
      readonly fleet: { readonly repository: string; readonly branch: string };
      /** None: the commit only records the promotion. */
      readonly targets: readonly Target[];
      readonly images: readonly ReleaseImage[];
      readonly message: CommitFacts;
      /** Engines are to skip their analysis of what is written. */
      readonly hurry: boolean;
      /** Of targets with two colours: which gets the images, and whether the Services follow at once. */
      readonly colours?: {
        readonly choices: ColourChoices;
        readonly atOnce: boolean;
      };
    }
  | {
      readonly kind: 'requestReconcile';
      readonly promotion: string;
      readonly target: Target;
      readonly actor: string;
      /** Written to the cluster; the same for every repetition. */
      readonly token: string;
    }
  /** Tells an engine that does not ask what to do. It is only told what its object still allows. */
  | {
      readonly kind: 'orderEngine';
      readonly promotion: string;
      readonly target: Target;
      readonly order: EngineOrder;
      /** Whose word it is. */
      readonly actor: string;
      /** Why, in one sentence. */
      readonly sentence: string;
    }
  /** Takes back what `hurry` wrote for this promotion, and nothing else. */
  | {
      readonly kind: 'restoreAnalysis';
      readonly promotion: string;
      readonly fleet: { readonly repository: string; readonly branch: string };
      readonly targets: readonly Target[];
      readonly service: string;
      readonly stage: string;
    }
  /** Lets the Services of all targets select these colours. */
  | {
      readonly kind: 'switchColours';
      readonly promotion: string;
      readonly fleet: { readonly repository: string; readonly branch: string };
      readonly targets: readonly ColouredTarget[];
      /** `back`: to the colour from before the promotion. */
      readonly direction: 'new' | 'back';
      readonly service: string;
      readonly stage: string;
      readonly version: string;
      /** Of `new`: what the colours must declare when they get the requests. */
      readonly images?: readonly ReleaseImage[];
      /** Entity ref of who wants it. */
      readonly actor: string;
    }
  /** Scales colours to nothing that no Service selects and no later promotion has taken up. */
  | {
      readonly kind: 'retireColours';
      readonly promotion: string;
      /** The promotion's last commit; who wrote after it took the colours up. */
      readonly since: string;
      readonly fleet: { readonly repository: string; readonly branch: string };
      readonly targets: readonly ColouredTarget[];
      readonly service: string;
      readonly stage: string;
    };

/** One of the two places of a target. */
export interface ColouredTarget {
  readonly target: Target;
  readonly colour: Colour;
}

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
  orderEngine: ['before', 'after'],
  restoreAnalysis: ['before', 'after'],
  switchColours: ['before', 'after'],
  retireColours: ['before', 'after'],
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
