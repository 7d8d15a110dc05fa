// SPDX-License-Identifier: Apache-2.0
import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  TextAreaField,
} from '@backstage/ui';
import type {
  WaveAction,
  WaveSteering,
  WaveView,
} from '@causeway/plugin-delivery-common';
import { ActionButton, ProblemPanel } from '@causeway/plugin-delivery-react';
import { useId, useState } from 'react';
import pageStyles from '../Page.module.css';
import { useFleetTranslation } from '../translation';
import { useFocusBack } from '../useFocusBack';
import { useWaveSteering } from './waveQueries';
import styles from './Waves.module.css';

/** A word to a wave that a person thinks about. */
interface Wish {
  readonly action: WaveAction;
  readonly question?: string;
  readonly answer?: 'yes' | 'no';
  /** Of a question. */
  readonly sentence?: string;
}

const needsReason: readonly WaveAction[] = ['stop', 'takeBack'];

/**
 * What can be said to a wave now; what makes no sense now is not offered. What the person lacks the right
 * for is, and says so.
 */
export function WaveActions(props: { wave: WaveView }) {
  const { t } = useFleetTranslation();
  const { wave } = props;
  const [wish, setWish] = useState<Wish>();
  const noteId = useId();
  const offered = wave.actions.filter(
    ({ allowed, code }) => allowed || code === 'notPermitted',
  );
  const blocked = new Map(
    offered.map(({ action, whyNot }) => [action, whyNot]),
  );
  const reasons = [...new Set(blocked.values())].filter(Boolean);
  const asked = wave.questions.filter(({ answer }) => !answer);
  return (
    <div className={styles.actions}>
      {asked.flatMap(({ name, sentence }) =>
        (['yes', 'no'] as const).map(answer => (
          <ActionButton
            key={`${name} ${answer}`}
            blocked={blocked.get('answer')}
            reasonId={noteId}
            variant={answer === 'yes' ? 'primary' : 'secondary'}
            aria-label={`${t(`wave.answer.${answer}`)}: ${sentence}`}
            onPress={() =>
              setWish({ action: 'answer', question: name, answer, sentence })
            }
          >
            {t(`wave.answer.${answer}`)}
          </ActionButton>
        )),
      )}
      {offered
        .filter(({ action }) => action !== 'answer')
        .map(({ action }) => (
          <ActionButton
            key={action}
            variant="secondary"
            destructive={needsReason.includes(action)}
            blocked={blocked.get(action)}
            reasonId={noteId}
            onPress={() => setWish({ action })}
          >
            {t('wave.ask', { action: t(`wave.action.${action}`) })}
          </ActionButton>
        ))}
      {reasons.length > 0 && (
        <p id={noteId} className={pageStyles.quiet}>
          {reasons.join(' ')}
        </p>
      )}
      {wish && (
        <WaveDialog
          promotion={wave.summary.promotion}
          wish={wish}
          onClose={() => setWish(undefined)}
        />
      )}
    </div>
  );
}

/** Says what will happen, and asks why. */
function WaveDialog(props: {
  promotion: string;
  wish: Wish;
  onClose: () => void;
}) {
  const { t } = useFleetTranslation();
  const { promotion, wish, onClose } = props;
  const [reason, setReason] = useState('');
  const noteId = useId();
  useFocusBack();
  const steering = useWaveSteering(promotion, onClose);
  const { action, question, answer, sentence } = wish;
  const isMissing = needsReason.includes(action) && !reason.trim();
  const wanted: WaveSteering = {
    action,
    ...(question && { question }),
    ...(answer && { answer }),
    ...(reason.trim() && { reason: reason.trim() }),
  };
  return (
    <Dialog isOpen onOpenChange={isOpen => !isOpen && onClose()} width={520}>
      <DialogHeader>{sentence ?? t(`wave.action.${action}`)}</DialogHeader>
      <DialogBody>
        <div className={pageStyles.fields}>
          <p>{t(`wave.consequence.${action}`)}</p>
          <TextAreaField
            label={t('wave.reason')}
            rows={2}
            maxLength={2000}
            value={reason}
            onChange={setReason}
          />
        </div>
      </DialogBody>
      <DialogFooter className={pageStyles.footer}>
        {steering.problem && (
          <ProblemPanel title={t('wave.refused')} problem={steering.problem} />
        )}
        <p id={noteId} role="status" className={pageStyles.note}>
          {isMissing && t('wave.reasonFirst')}
        </p>
        <Button variant="secondary" onPress={onClose}>
          {t('wave.cancel')}
        </Button>
        <ActionButton
          variant="primary"
          destructive={needsReason.includes(action)}
          blocked={isMissing ? t('wave.reasonFirst') : undefined}
          reasonId={noteId}
          isPending={steering.isPending}
          onPress={() => steering.send(wanted)}
        >
          {answer ? t(`wave.answer.${answer}`) : t(`wave.action.${action}`)}
        </ActionButton>
      </DialogFooter>
    </Dialog>
  );
}
