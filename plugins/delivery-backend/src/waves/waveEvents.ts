// SPDX-License-Identifier: Apache-2.0
import {
  PORTAL_ACTOR,
  type WaveCommand,
  type WaveDecision,
} from '@causeway/plugin-delivery-common';
import type { NewEvent } from '../audit/EventLog';
import type { OverlayStepChange } from './overlaySteps';

/** Which images the template of the DaemonSets shall have in Git. */
export interface WaveTemplate {
  /** `before`: what ran before, so that devices can be taken back. */
  readonly wants: 'release' | 'before';
  /** Counts the commits after the promotion's own. */
  readonly step: number;
  /** The commit of this step, once it is written; the promotion's own for step 0. */
  readonly sha?: string;
  /** Flux was asked to apply it. */
  readonly asked?: true;
}

/** Who said something to a wave, and why. */
export interface Said {
  readonly command: WaveCommand;
  readonly actor: string;
  readonly at: string;
  readonly reason?: string;
}

/** What happens to a wave, as its stream of the event log holds it. */
export type WaveEvent =
  | { readonly type: 'waveBegun'; readonly promotion: string }
  | {
      readonly type: 'waveDecided';
      readonly decisions: readonly WaveDecision[];
    }
  | { readonly type: 'waveTemplate'; readonly template: WaveTemplate }
  /** A step of the overlays of devices was written. */
  | {
      readonly type: 'waveOverlays';
      readonly step: number;
      readonly sha: string;
      readonly changes: readonly OverlayStepChange[];
    }
  | {
      readonly type: 'waveSteered';
      readonly command: WaveCommand;
      readonly reason?: string;
    };

/** The stream of a promotion's wave in the event log. */
export function waveStreamOf(promotion: string): string {
  return `wave/${promotion}`;
}

/** An event as the log takes it. */
export function toWaveEvent(
  { type, ...data }: WaveEvent,
  at: string,
  actor: string = PORTAL_ACTOR,
): NewEvent {
  return { type, at, actor, data };
}
