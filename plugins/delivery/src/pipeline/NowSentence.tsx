// SPDX-License-Identifier: Apache-2.0
import { Button, VisuallyHidden } from '@backstage/ui';
import type { PipelineView } from '@causeway/plugin-delivery-common';
import {
  Age,
  StateShape,
  useAnnouncement,
} from '@causeway/plugin-delivery-react';
import { useDeliveryTranslation } from '../translation';
import type { OpenDialog } from './openDialog';
import styles from './Pipeline.module.css';

/**
 * The sentence a service's page opens with: what waits for the person who looks, then what moves.
 * It holds the only primary button of the page.
 */
export function NowSentence(props: {
  pipeline: PipelineView;
  readAt: number;
  isOld: boolean;
  onOpen: (dialog: OpenDialog) => void;
}) {
  const { t } = useDeliveryTranslation();
  const { isOld } = props;
  const { sentence } = props.pipeline;
  const { lead, text, key, promotion } = sentence;
  const spoken = useAnnouncement([lead, text].filter(Boolean).join(' '));
  return (
    <section className={styles.now} aria-label={t('now.label')}>
      <StateShape state={isOld ? 'stale' : key} size={20} />
      <p>
        {lead && <strong>{lead} </strong>}
        {text}
      </p>
      <span className={styles.age}>
        <Age since={new Date(props.readAt).toISOString()} as="read" />
      </span>
      {promotion && (
        <Button
          variant="primary"
          onPress={() => props.onOpen({ kind: 'promotion', id: promotion })}
        >
          {t('now.review')}
        </Button>
      )}
      <VisuallyHidden>
        <span aria-live="polite">{spoken}</span>
      </VisuallyHidden>
    </section>
  );
}
