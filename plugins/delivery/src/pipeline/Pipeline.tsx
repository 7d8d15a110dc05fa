// SPDX-License-Identifier: Apache-2.0
import type { PipelineView } from '@causeway/plugin-delivery-common';
import {
  Delayed,
  OldDataNotice,
  ProblemPanel,
  useClock,
} from '@causeway/plugin-delivery-react';
import { BlueGreenPanel } from '../blueGreen/BlueGreenPanel';
import { CanaryPanel } from '../canary/CanaryPanel';
import { READ_AGAIN_EVERY, usePipeline } from '../data/queries';
import { PromoteDialog } from '../promotion/PromoteDialog';
import { PromotionDialog } from '../promotion/PromotionDialog';
import { RollbackDialog } from '../rollback/RollbackDialog';
import { WaveLink } from '../wave/WaveLink';
import { DocumentPanel } from './DocumentPanel';
import { History } from './History';
import { NowSentence } from './NowSentence';
import { useOpenDialog, type OpenDialog } from './openDialog';
import styles from './Pipeline.module.css';
import { PipelineSkeleton } from './PipelineSkeleton';
import { Road } from './Road';
import { StageRail } from './StageRail';

/** A pipeline that was not read for three expected intervals no longer counts as what is. */
const OLD_AFTER = 3 * READ_AGAIN_EVERY;

/** Everything about the delivery of one service. `service` is an entity ref. */
export function Pipeline(props: { service: string }) {
  const reading = usePipeline(props.service);
  const readAt = reading.status === 'ready' ? reading.readAt : Infinity;
  const isOld = useClock(now => now - readAt > OLD_AFTER);

  switch (reading.status) {
    case 'loading':
      return (
        <Delayed>
          <PipelineSkeleton />
        </Delayed>
      );
    case 'failed':
      return <ProblemPanel problem={reading.problem} onRetry={reading.retry} />;
    default:
      return (
        <div className={styles.page}>
          {reading.problem && (
            <OldDataNotice
              problem={reading.problem}
              readAt={reading.readAt}
              onRetry={reading.retry}
            />
          )}
          <DocumentPanel pipeline={reading.value} />
          {reading.value.stages.length > 0 && (
            <Stages
              pipeline={reading.value}
              readAt={reading.readAt}
              isOld={isOld}
            />
          )}
        </div>
      );
  }
}

function Stages(props: {
  pipeline: PipelineView;
  readAt: number;
  isOld: boolean;
}) {
  const { pipeline, readAt, isOld } = props;
  const { open, show, close } = useOpenDialog();
  return (
    <>
      <NowSentence
        pipeline={pipeline}
        readAt={readAt}
        isOld={isOld}
        onOpen={show}
      />
      <StageRail stages={pipeline.stages} isOld={isOld} onOpen={show} />
      {pipeline.stages.map(
        ({ name, active }) =>
          active?.canary && <CanaryPanel key={name} promotion={active} />,
      )}
      {pipeline.stages.map(
        stage =>
          stage.colours && (
            <BlueGreenPanel
              key={stage.name}
              stage={stage}
              colours={stage.colours}
              isOld={isOld}
            />
          ),
      )}
      {pipeline.stages.map(
        stage => stage.wave && <WaveLink key={stage.name} stage={stage} />,
      )}
      <Road pipeline={pipeline} isOld={isOld} />
      <History pipeline={pipeline} onOpen={show} />
      {open && (
        <Dialogs
          open={open}
          pipeline={pipeline}
          onClose={close}
          onOpen={show}
        />
      )}
    </>
  );
}

function Dialogs(props: {
  open: OpenDialog;
  pipeline: PipelineView;
  onClose: () => void;
  onOpen: (dialog: OpenDialog) => void;
}) {
  const { open, pipeline, onClose, onOpen } = props;
  switch (open.kind) {
    case 'promote':
      return (
        <PromoteDialog
          pipeline={pipeline}
          stage={open.stage}
          release={open.release}
          onClose={onClose}
          onStarted={id => onOpen({ kind: 'promotion', id })}
        />
      );
    case 'rollback':
      return (
        <RollbackDialog
          pipeline={pipeline}
          stage={open.stage}
          onClose={onClose}
        />
      );
    case 'promotion':
      return <PromotionDialog key={open.id} id={open.id} onClose={onClose} />;
    default:
      return null;
  }
}
