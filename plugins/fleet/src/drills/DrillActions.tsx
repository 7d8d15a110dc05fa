// SPDX-License-Identifier: Apache-2.0
import type {
  DrillClient,
  DrillDetail,
  WriteOptions,
} from '@causeway/plugin-delivery-common';
import { ActionButton } from '@causeway/plugin-delivery-react';
import { useId, useState } from 'react';
import { ActionFrame, ReasonField } from '../actions/ActionFrame';
import pageStyles from '../Page.module.css';
import { useFleetTranslation } from '../translation';
import styles from './Drills.module.css';
import { useDrillCommand } from './useDrills';

/** What somebody wants to say of a drill. */
type Word = 'abort' | 'signOff' | 'sendBack';

/** What a person may do about a drill now, and why not. */
export function DrillActions(props: { detail: DrillDetail }) {
  const { t } = useFleetTranslation();
  const [word, setWord] = useState<Word>();
  const whyId = useId();
  const { detail } = props;
  const { can, drill } = detail;
  const isOver = drill.phase === 'over';
  const { allowed, reason } = isOver ? can.sign : can.abort;
  // Nobody has to be told that what did not pass, or was decided about, can not be signed off.
  if (isOver && (drill.verdict !== 'passed' || drill.signature)) return null;
  const words: readonly Word[] = isOver ? ['signOff', 'sendBack'] : ['abort'];
  return (
    <div className={styles.actions}>
      {!allowed && (
        <span id={whyId} className={pageStyles.quiet}>
          {reason}
        </span>
      )}
      {words.map(each => (
        <ActionButton
          key={each}
          variant="secondary"
          destructive={each === 'abort'}
          blocked={allowed ? undefined : reason}
          reasonId={whyId}
          onPress={() => setWord(each)}
        >
          {t(`drill.${each}`)}
        </ActionButton>
      ))}
      {word && (
        <WordDialog
          detail={detail}
          word={word}
          onClose={() => setWord(undefined)}
        />
      )}
    </div>
  );
}

function WordDialog(props: {
  detail: DrillDetail;
  word: Word;
  onClose: () => void;
}) {
  const { t } = useFleetTranslation();
  const { detail, word, onClose } = props;
  const { id, version } = detail.drill;
  const [reason, setReason] = useState('');
  const command = useDrillCommand(
    (client, options) => send(client, { id, word, reason }, options),
    onClose,
  );
  const needsReason = word !== 'signOff';
  return (
    <ActionFrame
      title={t(`drill.${word}Title`)}
      confirm={t(`drill.${word}Confirm`)}
      blocked={
        needsReason && reason.trim() === '' ? t('drill.reasonFirst') : undefined
      }
      isDestructive={word === 'abort'}
      command={command}
      onClose={onClose}
    >
      <p>
        {word === 'signOff'
          ? t('drill.signOffConsequence', { version })
          : t(`drill.${word}Consequence`)}
      </p>
      <ReasonField value={reason} onChange={setReason} />
    </ActionFrame>
  );
}

async function send(
  client: DrillClient,
  wish: { id: string; word: Word; reason: string },
  options: WriteOptions,
): Promise<unknown> {
  const { id, word } = wish;
  const reason = wish.reason.trim();
  if (word === 'abort') return client.abortDrill(id, reason, options);
  return client.signDrill(
    id,
    {
      decision: word === 'signOff' ? 'signedOff' : 'sentBack',
      ...(reason !== '' && { reason }),
    },
    options,
  );
}
