// SPDX-License-Identifier: Apache-2.0
import { usualQuantiles } from '../../src/canary/judge/policy';
import { median } from '../../src/canary/judge/statistics';
import { makeEpisode, type Episode } from './episode';
import { kinds, type Kind } from './version';
import { flagger, mannWhitney, ours, type Judge, type Outcome } from './judges';

/**
 * Judges seeded canaries at several levels of traffic and prints, as tables, how often each judge was
 * wrong and how long it took.
 *
 *   yarn bench:canary [episodes per level and side] [seed]
 */
const levels = [0.5, 5, 50, 500];
const judges: Readonly<Record<string, Judge>> = {
  Causeway: ours(),
  'Causeway, P50 and P99 too': ours(usualQuantiles),
  'Flagger, threshold 5': flagger(5),
  'Flagger, threshold 10': flagger(10),
  'Mann–Whitney, any effect': mannWhitney({ errors: 1, latency: 1 }),
  'Mann–Whitney, effect 1.5 / 1.2': mannWhitney({ errors: 1.5, latency: 1.2 }),
};

const [count = 1_000, firstSeed = 1] = process.argv.slice(2).map(Number);
const startOf100 = 91;
const percent = (share: number) => (share * 100).toFixed(1);

interface Judged {
  readonly episode: Pick<Episode, 'kind' | 'onset' | 'excessErrors'>;
  readonly outcome: Outcome;
}

/** Episodes of one side in turn over its kinds; they are made one by one since thousands do not fit in memory. */
function* episodesOf(
  side: keyof typeof kinds,
  requestsPerSecond: number,
): Generator<Episode> {
  const all: readonly Kind[] = kinds[side];
  for (let index = 0; index < count; index++) {
    const seed = firstSeed * 1_000_003 + index * 7_919 + requestsPerSecond * 13;
    yield makeEpisode(
      Math.round(seed) + (side === 'bad' ? 500_009 : 0),
      all[index % all.length],
      requestsPerSecond,
    );
  }
}

function judgeAll(requestsPerSecond: number): Map<string, Judged[]> {
  const results = new Map<string, Judged[]>(
    Object.keys(judges).map(name => [name, []]),
  );
  for (const side of ['good', 'bad'] as const)
    for (const episode of episodesOf(side, requestsPerSecond)) {
      const { kind, onset, excessErrors } = episode;
      for (const [name, judge] of Object.entries(judges))
        results.get(name)?.push({
          episode: { kind, onset, excessErrors },
          outcome: judge(episode),
        });
    }
  return results;
}

function summaryOf(judged: readonly Judged[]): string {
  const isGood = ({ episode }: Judged) => episode.onset === undefined;
  const good = judged.filter(isGood);
  const bad = judged.filter(each => !isGood(each));
  const ended = (list: readonly Judged[], end: Outcome['end']) =>
    list.filter(({ outcome }) => outcome.end === end).length;
  const reached = bad.filter(
    ({ outcome }) => outcome.end === 'promoted' || outcome.minute >= startOf100,
  ).length;
  const faults = bad.filter(({ episode }) =>
    /errors|latency|P95/.test(episode.kind),
  );
  const times = faults.flatMap(({ episode, outcome }) =>
    outcome.end === 'rolledBack' ? [outcome.minute - (episode.onset ?? 1)] : [],
  );
  const errorFaults = faults.filter(({ episode }) =>
    episode.kind.includes('errors'),
  );
  const excess = errorFaults.map(({ episode, outcome }) =>
    episode.excessErrors
      .slice(0, outcome.minute)
      .reduce((sum, each) => sum + each, 0),
  );
  const mean =
    excess.reduce((sum, each) => sum + each, 0) / Math.max(1, excess.length);
  return [
    percent(ended(good, 'rolledBack') / good.length),
    percent(ended(good, 'held') / good.length),
    percent(reached / bad.length),
    median(times)?.toFixed(0) ?? '–',
    mean.toFixed(1),
  ].join(' | ');
}

function kindsOf(judged: readonly Judged[]): readonly string[] {
  return [...kinds.good, ...kinds.bad].map(kind => {
    const mine = judged.filter(({ episode }) => episode.kind === kind);
    const share = (end: Outcome['end']) =>
      percent(
        mine.filter(({ outcome }) => outcome.end === end).length / mine.length,
      );
    return `| ${kind} | ${share('rolledBack')} | ${share('held')} | ${share(
      'promoted',
    )} |`;
  });
}

process.stdout.write(
  `${count} good and ${count} bad canaries at each level, seed ${firstSeed}; shares in percent\n`,
);
for (const level of levels) {
  const began = performance.now();
  const results = judgeAll(level);
  process.stdout.write(
    [
      `\n### ${level} requests a second`,
      '',
      '| judge | good rolled back | good held | bad reached 100 % | minutes to rollback, median | excess errors, mean |',
      '| --- | ---: | ---: | ---: | ---: | ---: |',
      ...[...results].map(
        ([name, judged]) => `| ${name} | ${summaryOf(judged)} |`,
      ),
      '',
      '| Causeway by kind | rolled back | held | promoted |',
      '| --- | ---: | ---: | ---: |',
      ...kindsOf(results.get('Causeway') ?? []),
      '',
      `(${((performance.now() - began) / 1_000).toFixed(0)} s)`,
      '',
    ].join('\n'),
  );
}
