// SPDX-License-Identifier: Apache-2.0
import type { CanaryView } from '@causeway/plugin-delivery-common';
import { useId, useState } from 'react';
import { ActionButton } from '@causeway/plugin-delivery-react';
import { ReasonList } from '../action/ReasonList';
import { useDeliveryTranslation } from '../translation';
import styles from './CanaryPanel.module.css';
import { SteeringDialog } from './SteeringDialog';
import { canaryWords, type SteeringWords } from './steeringWords';

export type Steering = CanaryView['actions'][number];

/**
 * The ways to steer a running canary; none is primary, each asks once more. Those that may not be
 * taken now stay reachable, with the reasons in text beside them.
 */
export function CanaryActions(props: {
  promotion: string;
  version: string;
  actions: readonly Steering[];
  /** Of something else than a canary by weight. */
  words?: SteeringWords;
}) {
  const { t } = useDeliveryTranslation();
  const { promotion, version, actions } = props;
  const words = props.words ?? canaryWords(t);
  const [asking, setAsking] = useState<Steering>();
  const id = useId();
  const refusals = refusalsOf(actions);
  const reasonId = (action: Steering) => {
    const index = refusals.findIndex(each => each.of.includes(action));
    return index < 0 ? undefined : `${id}-${index}`;
  };
  return (
    <div className={styles.steering}>
      <div role="group" aria-label={words.label} className={styles.actions}>
        {actions.map(action => (
          <ActionButton
            key={action.action}
            variant="secondary"
            size="small"
            destructive={action.action === 'abort'}
            blocked={action.allowed ? undefined : ''}
            reasonId={reasonId(action)}
            onPress={() => setAsking(action)}
          >
            {words.ask(action.action)}
          </ActionButton>
        ))}
      </div>
      {refusals.map(({ of, reasons }, index) => (
        <div
          key={of[0].action}
          id={`${id}-${index}`}
          className={styles.refusal}
        >
          <b>{of.map(({ action }) => words.ask(action)).join(', ')}</b>
          <ReasonList reasons={reasons} />
        </div>
      ))}
      {asking && (
        <SteeringDialog
          promotion={promotion}
          version={version}
          asked={asking}
          words={words}
          now={actions.find(({ action }) => action === asking.action)}
          onClose={() => setAsking(undefined)}
        />
      )}
    </div>
  );
}

interface Refusal {
  readonly of: readonly Steering[];
  readonly reasons: Steering['reasons'];
}

/** Why some may not be taken now; actions refused for the same reasons are told together. */
function refusalsOf(actions: readonly Steering[]): readonly Refusal[] {
  const said = ({ reasons }: Steering) =>
    reasons.map(({ code, text }) => `${code} ${text}`).join('\n');
  const refused = actions.filter(({ allowed }) => !allowed);
  return [...new Set(refused.map(said))].map(words => {
    const of = refused.filter(action => said(action) === words);
    return { of, reasons: of[0].reasons };
  });
}
