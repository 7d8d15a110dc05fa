// SPDX-License-Identifier: Apache-2.0
import type {
  DeliveryProblem,
  PromotionPlan,
} from '@causeway/plugin-delivery-common';
import { RiFlaskLine } from '@remixicon/react';
import { useId, useState, type ReactNode } from 'react';
import {
  ActionButton,
  describeInstant,
  ProblemPanel,
  type Reading,
  StateMark,
  usePageClock,
} from '@causeway/plugin-delivery-react';
import { FooterLock, FooterNote } from '../dialog/DialogLayout';
import { hasPassed } from '../pipeline/gate';
import { useDeliveryTranslation } from '../translation';

/** Dry run, cancel, promote; why promote is not open yet; and why the last press was refused. */
export function PromoteFooter(props: {
  reading?: Reading<PromotionPlan>;
  version?: string;
  blocked: ReactNode | undefined;
  command: { isPending: boolean; problem?: DeliveryProblem };
  onConfirm: () => void;
  onClose: () => void;
}) {
  const { t } = useDeliveryTranslation();
  const { reading, version, blocked, command, onConfirm, onClose } = props;
  const blockedId = useId();
  return (
    <>
      {command.problem && (
        <ProblemPanel title={t('dialog.refused')} problem={command.problem} />
      )}
      {reading && <DryRun reading={reading} />}
      <FooterLock id={blockedId} why={blocked} />
      <ActionButton variant="secondary" leaves onPress={onClose}>
        {t('dialog.cancel')}
      </ActionButton>
      <ActionButton
        variant="primary"
        blocked={blocked}
        reasonId={blockedId}
        isPending={command.isPending}
        onPress={onConfirm}
      >
        {t('promote.confirm', { version: version ?? '' })}
      </ActionButton>
    </>
  );
}

/** Makes the whole plan again, without writing anything, and says what came out. */
function DryRun(props: { reading: Reading<PromotionPlan> }) {
  const { t } = useDeliveryTranslation();
  const clock = usePageClock();
  const { reading } = props;
  const [askedAt, setAskedAt] = useState<number>();
  if (reading.status !== 'ready') return null;
  const isDone = askedAt !== undefined && reading.readAt >= askedAt;
  return (
    <>
      <ActionButton
        variant="secondary"
        iconStart={<RiFlaskLine />}
        isPending={askedAt !== undefined && reading.refreshing}
        onPress={() => {
          setAskedAt(clock.now());
          reading.retry();
        }}
      >
        {t('promote.dryRun')}
      </ActionButton>
      {isDone && !reading.refreshing && (
        <FooterNote>
          <DryRunResult plan={reading.value} />
          {t('promote.dryRunDone', {
            when: describeInstant(reading.readAt, clock.now()),
          })}
        </FooterNote>
      )}
    </>
  );
}

function DryRunResult(props: { plan: PromotionPlan }) {
  const { t } = useDeliveryTranslation();
  const { gates, problems } = props.plan;
  if (problems.length > 0) {
    return (
      <StateMark
        state="bad"
        word={t('promote.dryRunProblem', { count: problems.length })}
      />
    );
  }
  const open = gates.filter(gate => !hasPassed(gate)).length;
  return open > 0 ? (
    <StateMark state="wait" word={t('promote.dryRunWait', { count: open })} />
  ) : (
    <StateMark state="ok" word={t('promote.dryRunPass')} />
  );
}
