// SPDX-License-Identifier: Apache-2.0
import type { FleetActionKind } from '@causeway/plugin-delivery-common';
import { ActionButton } from '@causeway/plugin-delivery-react';
import { useId, useState } from 'react';
import { useFleetTranslation } from '../translation';
import styles from './Actions.module.css';
import { AskDialog } from './AskDialog';

/** A button for each kind of action; one that can not be used says why. */
export function ActionButtons(props: {
  kinds: readonly FleetActionKind[];
  /** Ids. */
  devices: readonly string[];
  /** What can be chosen on the device, by the name of the parameter. */
  offers?: Readonly<Record<string, readonly string[]>>;
  onDone?: () => void;
}) {
  const { kinds, devices, offers, onDone } = props;
  const [chosen, setChosen] = useState<FleetActionKind>();
  const whyId = useId();
  const nothing = sharedRefusal(kinds);
  return (
    <>
      <ul className={styles.kinds}>
        {kinds.map(kind => (
          <KindButton
            key={kind.name}
            kind={kind}
            whyId={nothing ? whyId : undefined}
            onChoose={() => setChosen(kind)}
          />
        ))}
      </ul>
      {/* Below, so that the buttons stay where they are, and with them the focus. */}
      {nothing && (
        <p id={whyId} className={styles.why} role="status">
          {nothing}
        </p>
      )}
      {chosen && (
        <AskDialog
          kind={chosen}
          devices={devices}
          offers={offers}
          onDone={() => {
            setChosen(undefined);
            onDone?.();
          }}
          onClose={() => setChosen(undefined)}
        />
      )}
    </>
  );
}

/** The one reason why none can be used; said once instead of on every button. */
function sharedRefusal(kinds: readonly FleetActionKind[]): string | undefined {
  const reasons = new Set(
    kinds.map(({ verdict }) =>
      verdict?.verdict === 'refused' ? verdict.reason?.message : undefined,
    ),
  );
  return reasons.size === 1 ? [...reasons][0] : undefined;
}

function KindButton(props: {
  kind: FleetActionKind;
  /** Id of the reason that holds for all kinds, where one does. */
  whyId?: string;
  onChoose: () => void;
}) {
  const { t } = useFleetTranslation();
  const { kind, onChoose } = props;
  const ownId = useId();
  const whyId = props.whyId ?? ownId;
  const refused =
    kind.verdict?.verdict === 'refused' ? kind.verdict.reason : undefined;
  const later =
    kind.verdict?.verdict === 'queued' ? kind.verdict.reason : undefined;
  const why = refused ?? later;
  return (
    <li>
      <ActionButton
        size="small"
        variant="secondary"
        blocked={refused?.message}
        reasonId={whyId}
        aria-describedby={why && whyId}
        onPress={onChoose}
      >
        {t('action.ask', { kind: kind.title })}
      </ActionButton>
      {why && !props.whyId && (
        <span id={whyId} className={styles.why}>
          {why.message}
        </span>
      )}
    </li>
  );
}
