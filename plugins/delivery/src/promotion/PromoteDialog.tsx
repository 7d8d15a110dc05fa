// SPDX-License-Identifier: Apache-2.0
import { parseEntityRef } from '@backstage/catalog-model';
import { Select } from '@backstage/ui';
import type { PipelineView, StageView } from '@causeway/plugin-delivery-common';
import { useState } from 'react';
import { ReasonList } from '../action/ReasonList';
import { usePromotionPlan } from '../data/queries';
import { useCommand } from '../data/useCommand';
import { DeliveryDialog } from '../dialog/DeliveryDialog';
import { DialogColumns, DialogPart } from '../dialog/DialogLayout';
import { ReasonField } from '../dialog/ReasonField';
import { useDeliveryTranslation } from '../translation';
import { ChangesPanel } from './ChangesPanel';
import { ConsentPart } from './ConsentPart';
import { Consequences } from './Consequences';
import { MissingPanel } from './MissingPanel';
import { PlanReading } from './PlanReading';
import { PromoteFooter } from './PromoteFooter';
import {
  initialStage,
  promotableStages,
  reasonsAgainst,
  releaseChoices,
  type KnownRelease,
} from './promotionChoices';
import { usePlanConsent } from './usePlanConsent';
import { WavePreview } from '../wave/WavePreview';

/** Asks for a release to be promoted to a stage, after showing all that it changes. */
export function PromoteDialog(props: {
  pipeline: PipelineView;
  stage?: string;
  release?: string;
  onClose: () => void;
  /** The promotion was recorded; given its id. */
  onStarted: (promotion: string) => void;
}) {
  const { t } = useDeliveryTranslation();
  const { pipeline, onClose, onStarted } = props;
  const [stageName, setStage] = useState(props.stage);
  const [releaseId, setRelease] = useState(props.release);
  const [reason, setReason] = useState('');
  const stage = initialStage(pipeline, stageName);
  const releases = stage ? releaseChoices(pipeline, stage) : [];
  const release = releases.find(each => each.id === releaseId) ?? releases[0];
  const wish =
    stage && release
      ? { service: pipeline.service, stage: stage.name, release: release.id }
      : undefined;
  const reading = usePromotionPlan(wish);
  const plan = reading.status === 'ready' ? reading.value : undefined;
  const consent = usePlanConsent(plan);
  const command = useCommand(
    (client, request: { reason?: string }, options) =>
      client.requestPromotion({ ...orThrow(wish), ...request }, options),
    promotion => onStarted(promotion.id),
  );

  const against = stage ? reasonsAgainst(stage, release?.id) : [];
  const blocked = blockedBecause();
  const confirm = () => command.send({ reason: reason.trim() || undefined });

  function blockedBecause() {
    if (!stage) return t('promote.noStage');
    if (against.length > 0) return <ReasonList reasons={against} />;
    if (!release) return t('promote.noCandidate');
    if (!plan) return t('promote.waitForPlan');
    if (consent.differences.length > 0) return t('promote.planChanged');
    if (!consent.isGiven) return t('promote.tickFirst');
    return undefined;
  }

  return (
    <DeliveryDialog
      title={
        stage && release
          ? t('promote.title', { version: release.version, stage: stage.title })
          : t('promote.titlePlain', {
              service: parseEntityRef(pipeline.service).name,
            })
      }
      isDirty={reason.trim() !== ''}
      onPrimary={blocked === undefined ? confirm : undefined}
      onClose={onClose}
      footer={
        <PromoteFooter
          reading={wish && reading}
          version={release?.version}
          blocked={blocked}
          command={command}
          onConfirm={confirm}
          onClose={onClose}
        />
      }
    >
      <DialogColumns
        main={
          wish && (
            <PlanReading reading={reading}>
              {known => <ChangesPanel plan={known} />}
            </PlanReading>
          )
        }
        side={
          <>
            <Choices
              stages={promotableStages(pipeline)}
              stage={stage}
              releases={releases}
              release={release}
              onStage={name => {
                setStage(name);
                setRelease(undefined);
              }}
              onRelease={setRelease}
            />
            {plan && (
              <>
                <MissingPanel gates={plan.gates} isMine={false} />
                <Consequences
                  title={t('plan.ifPromote')}
                  steps={plan.consequences}
                />
                {stage?.wave && wish && <WavePreview wish={wish} />}
                <DialogPart title={t('dialog.confirmTitle')}>
                  <ReasonField
                    value={reason}
                    onChange={setReason}
                    needed="no"
                  />
                  <ConsentPart plan={plan} consent={consent} />
                </DialogPart>
              </>
            )}
          </>
        }
      />
    </DeliveryDialog>
  );
}

/** Which stage and which release; a choice of one is not asked. */
function Choices(props: {
  stages: readonly StageView[];
  stage?: StageView;
  releases: readonly KnownRelease[];
  release?: KnownRelease;
  onStage: (stage: string) => void;
  onRelease: (release: string) => void;
}) {
  const { t } = useDeliveryTranslation();
  const { stages, stage, releases, release, onStage, onRelease } = props;
  return (
    <DialogPart title={t('promote.choose')}>
      {stages.length > 1 && (
        <Select
          label={t('promote.toStage')}
          options={stages.map(each => ({
            value: each.name,
            label: each.title,
          }))}
          value={stage?.name ?? null}
          onChange={name => onStage(String(name))}
        />
      )}
      {releases.length > 1 && (
        <Select
          label={t('promote.whichRelease')}
          options={releases.map(each => ({
            value: each.id,
            label: [each.version, each.message].filter(Boolean).join(', '),
          }))}
          value={release?.id ?? null}
          onChange={id => onRelease(String(id))}
        />
      )}
      {releases.length === 1 && release && (
        <span>
          <b>{release.version}</b> {release.message}
        </span>
      )}
      {releases.length === 0 && <span>{t('promote.noCandidate')}</span>}
    </DialogPart>
  );
}

function orThrow<T>(wish: T | undefined): T {
  if (wish === undefined) throw new Error('Nothing was chosen to be promoted');
  return wish;
}
