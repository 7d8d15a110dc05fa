// SPDX-License-Identifier: Apache-2.0
import { VisuallyHidden } from '@backstage/ui';
import type { StageView } from '@causeway/plugin-delivery-common';
import { useEffect, useId, useRef, useState } from 'react';
import { useDeliveryTranslation } from '../translation';
import { moveInRail } from './railKeyboard';
import { columnsOf, isLive, widestOf } from './railColumns';
import type { OpenDialog } from './openDialog';
import { StageCard } from './StageCard';
import styles from './StageRail.module.css';

/**
 * The stages of a pipeline in order, as columns with one row per kind of fact; a vertical list where
 * there is no room. One tab stop: arrow keys, Home and End move between stages, Down goes into the
 * gates of a stage, Enter opens what its button opens, Escape comes back. The controls inside a
 * stage are reached by Tab only while the focus is in it.
 */
export function StageRail(props: {
  stages: readonly StageView[];
  /** What is shown was read too long ago to count as what is. */
  isOld: boolean;
  onOpen: (dialog: OpenDialog) => void;
}) {
  const { t } = useDeliveryTranslation();
  const { stages, isOld, onOpen } = props;
  const [current, setCurrent] = useState(0);
  const rail = useRef<HTMLOListElement>(null);
  const keysId = useId();

  useEffect(() => {
    const element = rail.current;
    const onKeyDown = (event: KeyboardEvent) => {
      if (
        element &&
        event.target &&
        moveInRail(element, event.target, event.key)
      ) {
        event.preventDefault();
      }
    };
    element?.addEventListener('keydown', onKeyDown);
    return () => element?.removeEventListener('keydown', onKeyDown);
  }, []);

  return (
    <div className={styles.frame}>
      <VisuallyHidden id={keysId}>{t('rail.keys')}</VisuallyHidden>
      <ol
        ref={rail}
        className={styles.rail}
        aria-label={t('rail.label')}
        aria-describedby={keysId}
        style={{
          ['--columns' as string]: columnsOf(stages),
          ['--widest' as string]: widestOf(stages),
        }}
      >
        {stages.map((stage, index) => (
          <StageCard
            key={stage.name}
            stage={stage}
            before={stages[index - 1]}
            after={stages[index + 1]}
            stages={stages}
            isOld={isOld}
            isLive={isLive(stage)}
            isCurrent={index === Math.min(current, stages.length - 1)}
            onFocus={() => setCurrent(index)}
            onOpen={onOpen}
          />
        ))}
      </ol>
    </div>
  );
}
