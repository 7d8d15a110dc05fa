// SPDX-License-Identifier: Apache-2.0
import { StateShape } from '@causeway/plugin-delivery-react';
import { memo, type KeyboardEvent } from 'react';
import { worstMarks } from '../state/axisMarks';
import { useFleetTranslation } from '../translation';
import type { Mark } from './clusterSites';
import { describeMark } from './describeMark';
import { donutOf } from './donut';
import styles from './FleetMap.module.css';

/** Radius of the ring of a mark, in its own units of 48. */
const RING = 17;

/** A mark of the map: a ring of states around the number of devices, with its name and its worst. */
export const MarkButton = memo(SiteButton);

function SiteButton(props: {
  mark: Mark;
  isChosen: boolean;
  isCurrent: boolean;
  /** Ids of the fills of away and stale. */
  hatched: string;
  dotted: string;
  onOpen: (mark: Mark) => void;
  onFocus: (key: string) => void;
  onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
}) {
  const { t } = useFleetTranslation();
  const { mark, isChosen, isCurrent, onOpen, onFocus, onKeyDown } = props;
  return (
    <button
      type="button"
      className={styles.mark}
      data-mark={mark.key}
      data-chosen={isChosen ? '' : undefined}
      aria-pressed={mark.sites === 1 ? isChosen : undefined}
      tabIndex={isCurrent ? 0 : -1}
      onClick={() => onOpen(mark)}
      onFocus={() => onFocus(mark.key)}
      onKeyDown={onKeyDown}
    >
      <span className={styles.words}>{describeMark(mark, t)}</span>
      <Ring {...props} />
      <span className={styles.name} aria-hidden="true">
        <span>
          {mark.sites > 1
            ? t('map.more', { name: mark.name, number: mark.sites - 1 })
            : mark.name}
        </span>
        {mark.worst !== 'ok' && (
          <span className={styles.worst}>
            <StateShape state={worstMarks[mark.worst]} size={11} />{' '}
            {t('map.state', {
              number: mark.counts[mark.worst],
              state: t(`worst.${mark.worst}`),
            })}
          </span>
        )}
      </span>
    </button>
  );
}

function Ring(props: { mark: Mark; hatched: string; dotted: string }) {
  const { mark, hatched, dotted } = props;
  const fills: Readonly<Record<string, string>> = {
    away: `url(#${hatched})`,
    unknown: `url(#${hatched})`,
    stale: `url(#${dotted})`,
  };
  const size =
    mark.devices > 9_999
      ? 64
      : 44 + 4 * Math.floor(Math.log10(Math.max(1, mark.devices)));
  return (
    <svg
      className={styles.ring}
      viewBox="0 0 48 48"
      width={size}
      height={size}
      aria-hidden="true"
    >
      <circle cx="24" cy="24" r="21" className={styles.disc} />
      {donutOf(mark.counts).map(part => (
        <circle
          key={part.state}
          cx="24"
          cy="24"
          r={RING}
          fill="none"
          pathLength={100}
          strokeDasharray={`${part.length} ${100 - part.length}`}
          strokeDashoffset={-part.from}
          transform="rotate(-90 24 24)"
          data-state={part.state}
          stroke={fills[part.state]}
        />
      ))}
      <text x="24" y="24" textAnchor="middle" dominantBaseline="central">
        {sayNumber(mark.devices)}
      </text>
    </svg>
  );
}

/** A number that fits into a ring: 940, 1.2k, 13k. */
function sayNumber(count: number): string {
  if (count < 1_000) return String(count);
  const thousands = count / 1_000;
  return `${thousands < 10 ? thousands.toFixed(1) : Math.round(thousands)}k`;
}
