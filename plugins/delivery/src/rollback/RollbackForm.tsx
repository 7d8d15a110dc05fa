// SPDX-License-Identifier: Apache-2.0
import type {
  PipelineView,
  RollbackOptions,
} from '@causeway/plugin-delivery-common';
import { RiArrowGoBackLine } from '@remixicon/react';
import { useId, useState } from 'react';
import { ActionButton, ProblemPanel } from '@causeway/plugin-delivery-react';
import { useRollbackPlan } from '../data/queries';
import { useCommand } from '../data/useCommand';
import { DeliveryDialog } from '../dialog/DeliveryDialog';
import { DialogColumns, DialogPart, FooterLock } from '../dialog/DialogLayout';
import { ReasonField } from '../dialog/ReasonField';
import { useDeliveryTranslation } from '../translation';
import { RollbackDiff, RollbackPlanPart } from './RollbackPlanPart';
import { ModeChoice } from './ModeChoice';
import {
  cloudAndEdge,
  isPossible,
  versionChoices,
  type RollbackMode,
} from './rollbackChoices';
import { StageChoice } from './StageChoice';
import { BEFORE, VersionChoice } from './VersionChoice';

/** What to take back, to which version, what will happen, and why. */
export function RollbackForm(props: {
  title: string;
  pipeline: PipelineView;
  options: RollbackOptions;
  initial: readonly string[];
  /** The rollback was recorded; given the ids of its promotions. */
  onStarted: (promotions: readonly string[]) => void;
  onClose: () => void;
}) {
  const { t } = useDeliveryTranslation();
  const { title, pipeline, options, initial, onStarted, onClose } = props;
  const { service } = pipeline;
  const [stages, setStages] = useState(initial);
  const [version, setVersion] = useState(BEFORE);
  const [mode, setMode] = useState<RollbackMode>('fast');
  const [reason, setReason] = useState('');
  const noteId = useId();
  const chosen = options.stages.filter(
    option => option.allowed && stages.includes(option.stage),
  );
  const names = chosen.map(option => option.stage);
  const target = versionChoices(chosen).find(
    choice => choice.id === version && isPossible(choice),
  );
  const plan = useRollbackPlan({
    service,
    stages: names,
    release: target?.id,
    mode,
    previewReason: t('rollback.previewReason'),
  });
  const hasCanary =
    chosen.length > 0 &&
    plan.status === 'ready' &&
    plan.value.stages.some(({ canary }) => canary !== undefined);
  const command = useCommand(
    (client, why: string, options_) =>
      client.requestRollback(
        {
          service,
          stages: names,
          release: target?.id,
          reason: why,
          mode: hasCanary ? mode : undefined,
        },
        options_,
      ),
    result => onStarted(result.promotions.map(promotion => promotion.id)),
  );

  const blocked = blockedBecause();
  const confirm = () => command.send(reason.trim());

  function blockedBecause() {
    if (chosen.length === 0) return t('rollback.chooseStage');
    if (reason.trim() === '') return t('promote.reasonFirst');
    return undefined;
  }

  function confirmLabel() {
    if (target) return t('rollback.confirm', { version: target.version });
    if (chosen.length > 1) {
      return t('rollback.confirmSeveral', { stages: String(chosen.length) });
    }
    return t('rollback.confirmPlain');
  }

  return (
    <DeliveryDialog
      title={title}
      width={1060}
      isDirty={reason.trim() !== ''}
      onPrimary={blocked === undefined ? confirm : undefined}
      onClose={onClose}
      footer={
        <>
          {command.problem && (
            <ProblemPanel
              title={t('dialog.refused')}
              problem={command.problem}
            />
          )}
          <FooterLock id={noteId} why={blocked} />
          <ActionButton variant="secondary" leaves onPress={onClose}>
            {t('dialog.cancel')}
          </ActionButton>
          <ActionButton
            variant="primary"
            destructive
            iconStart={<RiArrowGoBackLine />}
            blocked={blocked}
            reasonId={noteId}
            isPending={command.isPending}
            onPress={confirm}
          >
            {confirmLabel()}
          </ActionButton>
        </>
      }
    >
      <DialogColumns
        main={
          <>
            <StageChoice
              options={options.stages}
              both={cloudAndEdge(options.stages, pipeline.stages)}
              chosen={names}
              onChange={setStages}
            />
            {chosen.length > 0 && (
              <VersionChoice
                chosen={chosen}
                value={target ? version : BEFORE}
                onChange={setVersion}
              />
            )}
            {chosen.length > 0 && <RollbackDiff reading={plan} />}
          </>
        }
        side={
          <>
            <ModeChoice hasCanary={hasCanary} value={mode} onChange={setMode} />
            {chosen.length > 0 && <RollbackPlanPart reading={plan} />}
            <DialogPart title={t('dialog.confirmTitle')}>
              <ReasonField value={reason} onChange={setReason} needed="yes" />
            </DialogPart>
          </>
        }
      />
    </DeliveryDialog>
  );
}
