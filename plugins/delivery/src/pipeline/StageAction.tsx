// SPDX-License-Identifier: Apache-2.0
import type { StageView } from '@causeway/plugin-delivery-common';
import { ActionButton, StateShape } from '@causeway/plugin-delivery-react';
import { ReasonList } from '../action/ReasonList';
import { useDeliveryTranslation } from '../translation';
import { nextStep } from './nextStep';
import type { OpenDialog } from './openDialog';
import styles from './StageRail.module.css';

/** The one button of a stage, with the reasons beside it while it may not be pressed. */
export function StageAction(props: {
  stage: StageView;
  isReachable: boolean;
  onOpen: (dialog: OpenDialog) => void;
}) {
  const { t } = useDeliveryTranslation();
  const { stage, isReachable, onOpen } = props;
  const step = nextStep(stage);
  if (!step) return null;
  const button = {
    variant: 'secondary' as const,
    wide: true,
    excludeFromTabOrder: !isReachable,
  };
  switch (step.kind) {
    case 'review':
      return (
        <div className={styles.button} data-stage-action="">
          <ActionButton
            {...button}
            iconStart={<StateShape state="you" />}
            onPress={() => onOpen({ kind: 'promotion', id: step.promotion })}
          >
            {t('stage.review', { version: step.release?.version ?? '' })}
          </ActionButton>
        </div>
      );
    case 'follow':
      return (
        <div className={styles.button} data-stage-action="">
          <ActionButton
            {...button}
            onPress={() => onOpen({ kind: 'promotion', id: step.promotion })}
          >
            {t('stage.openPromotion', { version: step.release.version })}
          </ActionButton>
        </div>
      );
    default:
      return (
        <div className={styles.button} data-stage-action="">
          <ActionButton
            {...button}
            blocked={
              step.reasons.length > 0 ? (
                <ReasonList reasons={step.reasons} />
              ) : undefined
            }
            onPress={() =>
              onOpen({
                kind: 'promote',
                stage: stage.name,
                release: step.release.id,
              })
            }
          >
            {t('stage.promote', { version: step.release.version })}
          </ActionButton>
        </div>
      );
  }
}
