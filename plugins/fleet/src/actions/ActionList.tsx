// SPDX-License-Identifier: Apache-2.0
import type { FleetAction } from '@causeway/plugin-delivery-common';
import {
  ActionButton,
  Age,
  Moment,
  StateMark,
} from '@causeway/plugin-delivery-react';
import { useState } from 'react';
import { FleetLink } from '../FleetLink';
import { Person } from '../Person';
import { useFleetTranslation } from '../translation';
import { useFleetLinks } from '../useFleetLinks';
import styles from './Actions.module.css';
import { actionMarks } from './actionMarks';
import { DecideDialog, type Decision } from './DecideDialog';

/** Actions, the newest first, each with where it is, why it waits, and what may be done about it. */
export function ActionList(props: {
  actions: readonly FleetAction[];
  /** Whether the device is worth naming. */
  withDevice?: boolean;
}) {
  const [deciding, setDeciding] = useState<{
    readonly action: FleetAction;
    readonly decision: Decision;
  }>();
  return (
    <>
      <ul className={styles.list}>
        {props.actions.map(action => (
          <Line
            key={action.id}
            action={action}
            withDevice={props.withDevice}
            onDecide={decision => setDeciding({ action, decision })}
          />
        ))}
      </ul>
      {deciding && (
        <DecideDialog {...deciding} onClose={() => setDeciding(undefined)} />
      )}
    </>
  );
}

function Line(props: {
  action: FleetAction;
  withDevice?: boolean;
  onDecide: (decision: Decision) => void;
}) {
  const { t } = useFleetTranslation();
  const links = useFleetLinks();
  const { action, withDevice, onDecide } = props;
  const { cluster, name } = action;
  return (
    <li>
      <div className={styles.what}>
        <b>
          <FleetLink to={links.action(action.id)}>{action.title}</FleetLink>
        </b>{' '}
        {withDevice && (
          <FleetLink to={links.device({ cluster, name })}>{name}</FleetLink>
        )}{' '}
        <ActionState action={action} />
        <div className={styles.why}>
          {sayMore(action)} {t('action.asked')}{' '}
          <Age since={action.requestedAt} as="ago" /> {t('action.by')}{' '}
          <Person entityRef={action.requestedBy} />: {action.reason}
          {action.phase === 'queued' && (
            <>
              {' '}
              ({t('action.until')} <Moment at={action.expiresAt} />)
            </>
          )}
        </div>
      </div>
      <div className={styles.buttons}>
        {action.can.decide.allowed && (
          <>
            <ActionButton
              size="small"
              variant="primary"
              onPress={() => onDecide('approve')}
            >
              {t('action.approve')}
            </ActionButton>
            <ActionButton
              size="small"
              variant="secondary"
              onPress={() => onDecide('reject')}
            >
              {t('action.reject')}
            </ActionButton>
          </>
        )}
        {action.can.cancel.allowed && (
          <ActionButton
            size="small"
            variant="secondary"
            onPress={() => onDecide('cancel')}
          >
            {t('action.cancel')}
          </ActionButton>
        )}
      </div>
    </li>
  );
}

/** Where an action is, by shape, colour and word. */
export function ActionState(props: { action: FleetAction }) {
  const { t } = useFleetTranslation();
  const { phase } = props.action;
  return <StateMark state={actionMarks[phase]} word={t(`action.${phase}`)} />;
}

/** Why it waits, how far it is, or how it ended. */
function sayMore(action: FleetAction): string {
  const { phase, waiting, progress, refusal, receipt } = action;
  if (phase === 'running') {
    return [progress?.message, waiting?.message].filter(Boolean).join(' ');
  }
  if (phase === 'queued' || phase === 'awaitingApproval') {
    return waiting?.message ?? '';
  }
  return refusal?.message ?? receipt?.message ?? '';
}
