// SPDX-License-Identifier: Apache-2.0
import type { Moment, WaveDevice } from './device';
import type { WavePolicy } from './policy';

/** What happened since the last decision. */
export interface WaveInput {
  /** Devices of which anything changed, each as a whole, new ones too. */
  readonly devices?: readonly WaveDevice[];
  /** Ids of devices that are no longer in the fleet. */
  readonly removed?: readonly string[];
  readonly commands?: readonly WaveCommand[];
}

/** A person's word, or that of another part of the portal. */
export type WaveCommand =
  | {
      readonly kind: 'pause';
      /** `takingBack`: what devices get when they change is the release before, for a while. */
      readonly by: 'person' | 'freeze' | 'takingBack';
      readonly reason: string;
    }
  | {
      readonly kind: 'resume';
      readonly by: 'person' | 'freeze' | 'takingBack';
    }
  | {
      readonly kind: 'stop';
      readonly reason: string;
      /** Also take the release from the devices that have it. */
      readonly takeBack: boolean;
    }
  | { readonly kind: 'supersede'; readonly reason: string }
  | {
      readonly kind: 'answer';
      readonly question: string;
      readonly answer: 'yes' | 'no';
    }
  /** Somebody else decides what the device runs. */
  | {
      readonly kind: 'exclude';
      readonly device: string;
      readonly reason: string;
    }
  | { readonly kind: 'changePolicy'; readonly policy: WavePolicy };

/**
 * What to do, and what was judged, each with its reason in a sentence. Effects (`prePull`, `order`,
 * `withdraw`, `takeBack`) may be done twice without harm: an order has its name.
 */
export type WaveDecision = { readonly because: string } & (
  | { readonly kind: 'prePull'; readonly device: string }
  | {
      readonly kind: 'order';
      readonly device: string;
      readonly order: string;
      readonly digest: string;
    }
  | {
      readonly kind: 'withdraw';
      readonly device: string;
      readonly order: string;
    }
  | {
      readonly kind: 'takeBack';
      readonly device: string;
      readonly order: string;
      /** What ran before; undefined when nobody saw it. */
      readonly digest?: string;
    }
  | { readonly kind: 'soaking'; readonly device: string }
  | { readonly kind: 'proven'; readonly device: string }
  | { readonly kind: 'failed'; readonly device: string }
  | { readonly kind: 'takenBack'; readonly device: string }
  | { readonly kind: 'notProven'; readonly device: string }
  | { readonly kind: 'excluded'; readonly device: string }
  | { readonly kind: 'openRing'; readonly ring: number }
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'askPerson'; readonly question: string }
  | { readonly kind: 'answered'; readonly question: string }
  | { readonly kind: 'policy' }
  | { readonly kind: 'finish'; readonly at: Moment }
);
