// SPDX-License-Identifier: Apache-2.0
import { useId, type KeyboardEvent } from 'react';
import { useFleetTranslation } from '../translation';
import { MOST_BUTTONS, type Mark } from './clusterSites';
import type { ShownMark } from './FleetMap';
import styles from './FleetMap.module.css';
import { MarkButton } from './MarkButton';

/** The marks over the land, in the order of urgency. What is less urgent lies underneath. */
export function Marks(props: {
  shown: readonly ShownMark[];
  current: string | undefined;
  onOpen: (mark: Mark) => void;
  onFocus: (key: string) => void;
  onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
}) {
  const { t } = useFleetTranslation();
  const { shown, current, onOpen, onFocus, onKeyDown } = props;
  const id = useId();
  const hatched = `${id}hatched`;
  const dotted = `${id}dotted`;
  return (
    <>
      <Fills hatched={hatched} dotted={dotted} />
      <ul className={styles.marks} aria-label={t('map.marks')}>
        {shown.slice(0, MOST_BUTTONS).map(({ mark, at, isChosen }, place) => (
          <li
            key={mark.key}
            style={{
              transform: `translate(${at.x}px, ${at.y}px)`,
              zIndex: MOST_BUTTONS - place,
            }}
          >
            <MarkButton
              mark={mark}
              isChosen={isChosen}
              isCurrent={mark.key === current}
              hatched={hatched}
              dotted={dotted}
              onOpen={onOpen}
              onFocus={onFocus}
              onKeyDown={onKeyDown}
            />
          </li>
        ))}
      </ul>
      <Dots shown={shown.slice(MOST_BUTTONS)} onOpen={onOpen} />
    </>
  );
}

/** What is too crowded for buttons: the least urgent marks, which come apart when one is clicked. */
function Dots(props: {
  shown: readonly ShownMark[];
  onOpen: (mark: Mark) => void;
}) {
  if (props.shown.length === 0) return null;
  return (
    <svg className={styles.dots} aria-hidden="true">
      {props.shown.map(({ mark, at }) => (
        <circle
          key={mark.key}
          cx={at.x}
          cy={at.y}
          r={6}
          data-state={mark.worst}
          onClick={() => props.onOpen(mark)}
        />
      ))}
    </svg>
  );
}

/** Away is hatched and stale is dotted, so that neither is told by its colour alone. */
function Fills(props: { hatched: string; dotted: string }) {
  return (
    <svg className={styles.fills} aria-hidden="true">
      <defs>
        <pattern
          id={props.hatched}
          width="4"
          height="4"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect width="2" height="4" />
        </pattern>
        <pattern
          id={props.dotted}
          width="3.4"
          height="3.4"
          patternUnits="userSpaceOnUse"
        >
          <circle cx="1.7" cy="1.7" r="1.1" />
        </pattern>
      </defs>
    </svg>
  );
}
