// SPDX-License-Identifier: Apache-2.0
import type { MapPoint } from './mapView';

/** How far an arrow key moves the map, in pixels. */
const STEP = 80;

/** What a key does to the map. */
export type MapAction =
  | { readonly kind: 'pan'; readonly dx: number; readonly dy: number }
  | { readonly kind: 'zoom'; readonly steps: number }
  | { readonly kind: 'fit' }
  /** Moves the focus to a mark. */
  | { readonly kind: 'focus'; readonly key: string }
  /** Moves the focus from the marks back to the map. */
  | { readonly kind: 'leave' }
  /** Takes back which sites are chosen. */
  | { readonly kind: 'clear' };

/** A mark as the keyboard sees it. */
export interface PlacedMark {
  readonly key: string;
  readonly at: MapPoint;
}

/** Where the person is on the map. Marks are in the order of urgency. */
export interface KeyboardPlace {
  /** The mark that has the focus; none when the map itself has it. */
  readonly focused?: string;
  readonly marks: readonly PlacedMark[];
  readonly hasChoice: boolean;
}

const arrows = {
  ArrowLeft: { dx: -1, dy: 0 },
  ArrowRight: { dx: 1, dy: 0 },
  ArrowUp: { dx: 0, dy: -1 },
  ArrowDown: { dx: 0, dy: 1 },
} as const;

type Direction = (typeof arrows)[keyof typeof arrows];

/**
 * What a key means. On the map itself arrows move it and Enter goes into its marks, worst first; on
 * a mark arrows go to the next mark in that direction and move the map where there is none. Esc goes
 * one step back: from a mark to the map, from there to nothing chosen. Enter on a mark is left to
 * the button that it is.
 */
export function mapActionOf(
  key: string,
  place: KeyboardPlace,
): MapAction | undefined {
  if (key in arrows) {
    return arrowAction(arrows[key as keyof typeof arrows], place);
  }
  const { marks, focused, hasChoice } = place;
  switch (key) {
    case '+':
    case '=':
      return { kind: 'zoom', steps: 1 };
    case '-':
    case '_':
      return { kind: 'zoom', steps: -1 };
    case '0':
      return { kind: 'fit' };
    case 'Home':
      return focusOn(marks[0]);
    case 'End':
      return focusOn(marks[marks.length - 1]);
    case 'Enter':
      return focused === undefined ? focusOn(marks[0]) : undefined;
    case 'Escape':
      if (focused !== undefined) return { kind: 'leave' };
      return hasChoice ? { kind: 'clear' } : undefined;
    default:
      return undefined;
  }
}

function arrowAction(direction: Direction, place: KeyboardPlace): MapAction {
  const from = place.marks.find(mark => mark.key === place.focused);
  const next = from && nextMark(from, direction, place.marks);
  return (
    focusOn(next) ?? {
      kind: 'pan',
      dx: direction.dx * STEP,
      dy: direction.dy * STEP,
    }
  );
}

/** The nearest mark within 45° of a direction; being off to the side counts double. */
function nextMark(
  from: PlacedMark,
  direction: Direction,
  marks: readonly PlacedMark[],
): PlacedMark | undefined {
  let best: { mark: PlacedMark; distance: number } | undefined;
  for (const mark of marks) {
    const x = mark.at.x - from.at.x;
    const y = mark.at.y - from.at.y;
    const ahead = x * direction.dx + y * direction.dy;
    const aside = Math.abs(x * direction.dy) + Math.abs(y * direction.dx);
    const distance = ahead + 2 * aside;
    if (ahead > 0 && aside <= ahead && (!best || distance < best.distance)) {
      best = { mark, distance };
    }
  }
  return best?.mark;
}

function focusOn(mark: PlacedMark | undefined): MapAction | undefined {
  return mark && { kind: 'focus', key: mark.key };
}
