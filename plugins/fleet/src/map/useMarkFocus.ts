// SPDX-License-Identifier: Apache-2.0
import {
  useEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
  type RefObject,
} from 'react';
import { MOST_BUTTONS } from './clusterSites';
import type { ShownMark } from './FleetMap';
import { mapActionOf, type MapAction } from './mapKeyboard';
import type { MapPoint } from './mapView';
import type { MapControl } from './useMapControl';

/** Which mark is in the tab order, and what keys do. */
export interface MarkFocus {
  readonly current: string | undefined;
  readonly onFocus: (key: string) => void;
  /** Of the map itself and of its marks. */
  readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
  /** Of the map itself. */
  readonly onClick: (event: MouseEvent) => void;
}

/**
 * One mark is in the tab order at a time. When the mark that has the focus goes away, because the
 * map moved or its sites came apart, the focus goes to the mark nearest to where it was: it is never
 * lost to the page.
 */
export function useMarkFocus(options: {
  surface: RefObject<HTMLElement>;
  /** What has the focus when the map itself has it. */
  handle: RefObject<HTMLElement>;
  shown: readonly ShownMark[];
  control: MapControl;
  hasChoice: boolean;
  onClear: () => void;
}): MarkFocus {
  const { surface, handle, shown, control, hasChoice, onClear } = options;
  const [wanted, setWanted] = useState<string>();
  const had = useRef<{ key: string; at: MapPoint }>();
  const buttons = shown.slice(0, MOST_BUTTONS);
  const isThere = buttons.some(({ mark }) => mark.key === wanted);
  const current = isThere ? wanted : buttons[0]?.mark.key;

  useEffect(() => {
    const focused = had.current;
    if (!focused) return;
    const stays = shown.find(({ mark }) => mark.key === focused.key);
    if (stays) {
      had.current = { key: focused.key, at: stays.at };
      return;
    }
    had.current = undefined;
    const next = nearest(shown, focused.at);
    if (next) focusMark(surface.current, next.mark.key);
    else handle.current?.focus();
  }, [shown, surface, handle]);

  const perform = (action: MapAction) => {
    switch (action.kind) {
      case 'pan':
        control.panBy(action);
        break;
      case 'zoom':
        control.zoom(action.steps, had.current?.at);
        break;
      case 'fit':
        control.showAll();
        break;
      case 'focus':
        focusMark(surface.current, action.key);
        break;
      case 'leave':
        had.current = undefined;
        handle.current?.focus();
        break;
      case 'clear':
        onClear();
        break;
      default:
        assertNever(action);
    }
  };

  return {
    current,
    onFocus: key => {
      const mark = shown.find(each => each.mark.key === key);
      had.current = mark && { key, at: mark.at };
      setWanted(key);
    },
    onKeyDown: event => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const focused = event.currentTarget.dataset.mark;
      if (focused === undefined) had.current = undefined;
      const action = mapActionOf(event.key, {
        focused,
        marks: buttons.map(({ mark, at }) => ({ key: mark.key, at })),
        hasChoice,
      });
      if (!action) return;
      event.preventDefault();
      perform(action);
    },
    onClick: event => {
      // A press by keyboard or screen reader; the end of a drag is none.
      const first = buttons[0];
      if (event.detail === 0 && first)
        focusMark(surface.current, first.mark.key);
    },
  };
}

function focusMark(surface: HTMLElement | null, key: string): void {
  surface
    ?.querySelector<HTMLElement>(`[data-mark="${CSS.escape(key)}"]`)
    ?.focus();
}

function nearest(
  shown: readonly ShownMark[],
  to: MapPoint,
): ShownMark | undefined {
  return shown
    .slice(0, MOST_BUTTONS)
    .reduce<ShownMark | undefined>((best, each) => {
      if (!best) return each;
      return distance(each.at, to) < distance(best.at, to) ? each : best;
    }, undefined);
}

function distance(one: MapPoint, other: MapPoint): number {
  return Math.hypot(one.x - other.x, one.y - other.y);
}

function assertNever(action: never): never {
  throw new Error(`Unknown action ${String(action)}`);
}
