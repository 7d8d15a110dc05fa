// SPDX-License-Identifier: Apache-2.0
import type { PipelineView } from '../api/views';
import { nowSentence } from './sentence';
import { roadRows } from './road';
import type { PipelineSituation } from './situation';
import { stageView } from './stageView';

/**
 * The pipeline page of one service for one viewer. Pure, and free of the present moment: everything
 * that grows by itself (ages, countdowns) is given as an instant, so that the same facts give the
 * same answer and an unchanged answer need not be sent again.
 */
export function composePipelineView(
  situation: PipelineSituation,
): PipelineView {
  const { service, revision, document, pipeline } = situation;
  const known = pipeline && { ...situation, pipeline };
  const stages =
    known?.pipeline.stages.map(stage => stageView(stage, known)) ?? [];
  return {
    service,
    revision,
    document,
    sentence: nowSentence(document, stages),
    stages,
    road: known ? roadRows(known) : [],
  };
}
