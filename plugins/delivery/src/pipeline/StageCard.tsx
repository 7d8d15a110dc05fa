// SPDX-License-Identifier: Apache-2.0
import type { StageView } from '@causeway/plugin-delivery-common';
import { useId } from 'react';
import {
  staleStateOf,
  StateMark,
  toneOf,
  useSharedTranslation,
} from '@causeway/plugin-delivery-react';
import { useDeliveryTranslation } from '../translation';
import { GateList } from './GateList';
import { nextStep, stageDialog } from './nextStep';
import type { OpenDialog } from './openDialog';
import { StageAction } from './StageAction';
import { StageMenu } from './StageMenu';
import styles from './StageRail.module.css';
import { StageTrack } from './StageTrack';
import { isLiveKnowledge, StageVersion } from './StageVersion';
import { TargetList } from './TargetList';

/** One stage: what runs there and since when, what a release must pass to move in, and one action. */
export function StageCard(props: {
  stage: StageView;
  before?: StageView;
  after?: StageView;
  stages: readonly StageView[];
  isOld: boolean;
  isLive: boolean;
  isCurrent: boolean;
  onFocus: () => void;
  onOpen: (dialog: OpenDialog) => void;
}) {
  const { t } = useDeliveryTranslation();
  const { t: shared } = useSharedTranslation();
  const { stage, before, after, stages, isOld, isLive, isCurrent, onOpen } =
    props;
  const titleId = useId();
  const state = isOld ? staleStateOf(stage.state, shared) : stage.state;
  const isLastWord = state.key === 'stale' || !isLiveKnowledge(stage);
  const comesAfter = branchOf(stage, before, stages);
  return (
    <li
      className={styles.stage}
      data-stage={stage.name}
      data-tone={toneOf[state.key]}
      data-live={isLive && !isOld ? '' : undefined}
      aria-labelledby={titleId}
      onFocus={props.onFocus}
    >
      <StageTrack stage={stage} state={state} after={after} isOld={isOld} />
      <div className={styles.head}>
        <div className={styles.titleRow}>
          <h3 id={titleId}>
            <StageTitle stage={stage} isCurrent={isCurrent} onOpen={onOpen} />
          </h3>
          <StageMenu stage={stage} isReachable={isCurrent} onOpen={onOpen} />
        </div>
        {comesAfter && (
          <p className={styles.quiet}>
            {t('rail.after', { stages: comesAfter })}
          </p>
        )}
        <StateMark state={state.key} word={state.word} headline />
        {state.detail && <p className={styles.quiet}>{state.detail}</p>}
      </div>
      <div className={styles.version}>
        <StageVersion stage={stage} state={state} />
      </div>
      <div className={styles.facts} data-stale={isLastWord ? '' : undefined}>
        {stage.facts?.map(fact => (
          <p key={fact}>{fact}</p>
        ))}
        <TargetList
          targets={stage.targets}
          told={stage.state.detail}
          isOld={isOld}
        />
      </div>
      <div className={styles.gates}>
        <GateList stage={stage} />
      </div>
      <div className={styles.action}>
        {isNextNews(stage) && <p className={styles.quiet}>{stage.next}</p>}
        <StageAction stage={stage} isReachable={isCurrent} onOpen={onOpen} />
      </div>
    </li>
  );
}

/**
 * The name of a stage, and the place where the focus stands while it moves along the rail. Pressing
 * it opens what the stage's button opens, or else its last promotion.
 */
function StageTitle(props: {
  stage: StageView;
  isCurrent: boolean;
  onOpen: (dialog: OpenDialog) => void;
}) {
  const { stage, isCurrent, onOpen } = props;
  const opens = stageDialog(stage);
  return (
    <button
      type="button"
      className={styles.title}
      data-stage-title=""
      tabIndex={isCurrent ? 0 : -1}
      aria-disabled={opens ? undefined : true}
      onClick={opens && (() => onOpen(opens))}
    >
      {stage.title}
    </button>
  );
}

/** Whether the next step is not already told by the reasons beside the button. */
function isNextNews(stage: StageView): boolean {
  const step = nextStep(stage);
  const reasons = step?.kind === 'promote' ? step.reasons : [];
  return !reasons.some(reason => stage.next?.includes(reason.text));
}

/** The stages a stage follows, when that is not simply the one beside it. */
function branchOf(
  stage: StageView,
  before: StageView | undefined,
  stages: readonly StageView[],
): string | undefined {
  const follows = stage.after ?? [];
  const isBeside =
    follows.length === 0 ||
    (follows.length === 1 && follows[0] === before?.name);
  if (isBeside) return undefined;
  return follows
    .map(name => stages.find(other => other.name === name)?.title ?? name)
    .join(', ');
}
