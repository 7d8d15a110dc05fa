// SPDX-License-Identifier: Apache-2.0
import type { BlueGreenProgress } from './blueGreen';
import type { PromotionEventOf } from './events';
import type { ActivePromotion, PromotionCommit } from './promotion';
import type { Instant } from '../time';

type Following = Extract<
  ActivePromotion,
  { phase: 'reconciling' | 'verifying' }
>;

/** The progress of the two colours after the first commit; where that switches, it is the switch. */
export function withCommit(
  colours: BlueGreenProgress | undefined,
  commit: PromotionCommit,
  at: Instant,
): BlueGreenProgress | undefined {
  return colours?.atOnce
    ? { ...colours, switching: at, switched: { at, commit } }
    : colours;
}

/** The promotion after something happened to the colours of its targets. */
export function withColours(
  promotion: Following,
  event: PromotionEventOf<
    | 'switchBegun'
    | 'coloursSwitched'
    | 'colourServing'
    | 'switchBackBegun'
    | 'coloursSwitchedBack'
  >,
): Following {
  const { colours } = promotion;
  if (!colours) return promotion;
  return { ...promotion, colours: changed(colours, event) };
}

function changed(
  colours: BlueGreenProgress,
  event: Parameters<typeof withColours>[1],
): BlueGreenProgress {
  const { at, actor } = event;
  switch (event.type) {
    case 'switchBegun':
      return { ...colours, switching: colours.switching ?? at };
    case 'coloursSwitched':
      return {
        ...colours,
        switched: colours.switched ?? { at, commit: event.commit },
      };
    case 'colourServing':
      return {
        ...colours,
        serving: { [event.target]: at, ...colours.serving },
      };
    case 'switchBackBegun':
      return {
        ...colours,
        returning: colours.returning ?? {
          at,
          by: actor,
          problem: event.problem,
        },
      };
    default:
      return {
        ...colours,
        returned: colours.returned ?? { at, commit: event.commit },
      };
  }
}
