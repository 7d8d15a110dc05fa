// SPDX-License-Identifier: Apache-2.0
import type { Translate } from '../translation';
import type { Mark } from './clusterSites';
import { addCounts, worstFirst, type SiteCounts } from './mapSites';

/** The states that devices are in, worst first: "1 degraded, 4 healthy". */
export function describeCounts(counts: SiteCounts, t: Translate): string {
  return worstFirst
    .filter(state => counts[state] > 0)
    .map(state =>
      t('map.state', {
        number: counts[state],
        state: t(`worst.${state}`),
      }),
    )
    .join(', ');
}

/** A mark in words, for those who do not see its ring. */
export function describeMark(mark: Mark, t: Translate): string {
  const name =
    mark.sites > 1
      ? t('map.several', {
          name: mark.name,
          others: t('page.sites', { count: mark.sites - 1 }),
        })
      : mark.name;
  return t('map.counts', {
    name,
    devices: t('page.devices', { count: mark.devices }),
    states: describeCounts(mark.counts, t),
  });
}

/** What the map shows now, in a sentence. */
export function describeView(marks: readonly Mark[], t: Translate): string {
  if (marks.length === 0) return t('map.nothingInView');
  return t('map.inView', {
    sites: t('page.sites', { count: sum(marks, mark => mark.sites) }),
    devices: t('page.devices', { count: sum(marks, mark => mark.devices) }),
    states: describeCounts(marks.map(mark => mark.counts).reduce(addCounts), t),
  });
}

function sum(marks: readonly Mark[], numberOf: (mark: Mark) => number): number {
  return marks.reduce((total, mark) => total + numberOf(mark), 0);
}
