// SPDX-License-Identifier: Apache-2.0
import type { PipelineView, StageView } from '../api/views';
import { testedWeight } from './promotionView';

type Sentence = PipelineView['sentence'];

/**
 * The one sentence above the rail: what waits for the viewer, then what moves, then what is away or
 * wrong. When there is nothing of that, how far the newest release has come.
 */
export function nowSentence(
  document: PipelineView['document'],
  stages: readonly StageView[],
): Sentence {
  if (stages.length === 0) return documentSentence(document);
  const mine = stages.filter(stage => stage.active?.state.key === 'you');
  const parts = [
    ...waiting(stages),
    ...moving(stages),
    ...wrong(stages),
    ...(document.problems.length > 0 ? [newerDocument(document)] : []),
  ];
  const [first] = mine;
  if (first?.active) {
    return {
      key: 'you',
      lead: `${first.active.release.version} waits for your approval to enter ${first.title}.`,
      text: [
        ...mine
          .slice(1)
          .map(
            stage =>
              `${stage.active?.release.version} does too, for ${stage.title}.`,
          ),
        ...parts,
      ].join(' '),
      promotion: first.active.id,
    };
  }
  if (parts.length > 0) {
    return { key: keyOf(stages, document), text: parts.join(' ') };
  }
  return { key: 'ok', text: restSentence(stages) };
}

function documentSentence(document: PipelineView['document']): Sentence {
  if (document.state === 'invalid') {
    const count = document.problems.length;
    return {
      key: 'bad',
      text: `The pipeline document has ${count} problem${
        count === 1 ? '' : 's'
      }, so nothing can be promoted.`,
    };
  }
  return {
    key: 'bad',
    text: document.message ?? 'The pipeline document can not be read.',
  };
}

function newerDocument(document: PipelineView['document']): string {
  const count = document.problems.length;
  return `The newest pipeline document has ${count} problem${
    count === 1 ? '' : 's'
  }; the last good one is used.`;
}

function waiting(stages: readonly StageView[]): readonly string[] {
  return stages.flatMap(({ active, title }) =>
    active?.phase === 'waiting' && active.state.key !== 'you'
      ? [`${active.release.version} waits to enter ${title}.`]
      : [],
  );
}

function moving(stages: readonly StageView[]): readonly string[] {
  return stages.flatMap(({ active, title }) => {
    if (!active || active.phase === 'waiting') return [];
    const { version } = active.release;
    if (active.kind === 'rollback')
      return [`${title} goes back to ${version}.`];
    const weight = testedWeight(active);
    return weight === undefined
      ? [`${version} is on its way to ${title}.`]
      : [`${version} is tested in ${title} with ${weight} % of the traffic.`];
  });
}

function wrong(stages: readonly StageView[]): readonly string[] {
  return stages.flatMap(({ title, state, release, kind }) => {
    const version = release?.version;
    switch (state.key) {
      case 'stale':
        return [
          `${title} is silent${version ? `; ${version} was there` : ''}.`,
        ];
      case 'bad':
        return kind === 'ci'
          ? [`CI failed for ${version ?? 'the newest commit'}.`]
          : [
              `${title} is unreachable${
                version ? `; ${version} was there` : ''
              }.`,
            ];
      case 'lock':
        return [`${title} refuses the portal.`];
      case 'back':
        return version ? [`${title} was taken back to ${version}.`] : [];
      case 'warn':
      case 'hold':
        return [`${title}: ${state.word.toLocaleLowerCase('en')}.`];
      default:
        return [];
    }
  });
}

function keyOf(
  stages: readonly StageView[],
  document: PipelineView['document'],
): Sentence['key'] {
  const keys = stages.map(stage => stage.state.key);
  for (const key of ['bad', 'lock', 'warn', 'stale', 'hold'] as const) {
    if (keys.includes(key)) return key;
  }
  const phases = stages.flatMap(({ active }) => (active ? [active.phase] : []));
  if (phases.some(phase => phase !== 'waiting')) return 'run';
  if (phases.length > 0) return 'wait';
  if (keys.includes('back')) return 'back';
  return document.problems.length > 0 ? 'warn' : 'ok';
}

function restSentence(stages: readonly StageView[]): string {
  const deployed = stages.filter(
    stage => stage.kind !== 'local' && stage.kind !== 'ci',
  );
  const newest = stages.find(stage => stage.kind === 'ci')?.release;
  const versions = Array.from(
    new Set(deployed.flatMap(stage => stage.release?.version ?? [])),
  );
  if (versions.length === 0) {
    return newest
      ? `${newest.version} is ready; nothing was deployed yet.`
      : 'No release was reported yet.';
  }
  const isEverywhere =
    versions.length === 1 && deployed.every(stage => stage.release);
  if (isEverywhere) {
    return `${versions[0]} runs in every stage. Nothing waits.`;
  }
  const next = deployed.find(stage => stage.candidate);
  return next?.candidate
    ? `${next.candidate.version} is ready for ${next.title}. Nothing moves.`
    : 'Nothing waits and nothing moves.';
}
