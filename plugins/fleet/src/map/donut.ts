// SPDX-License-Identifier: Apache-2.0
import type { FleetWorst } from '@causeway/plugin-delivery-common';
import { worstFirst, type SiteCounts } from './mapSites';

/** A part of the ring around a mark, in hundredths of its circumference. */
export interface DonutPart {
  readonly state: FleetWorst;
  readonly from: number;
  readonly length: number;
}

/** A single bad device among thousands is still this much of the ring, in hundredths. */
const LEAST = 6;

/** The ring of a mark: a part for each state that there is, worst first, the large ones giving way. */
export function donutOf(counts: SiteCounts): readonly DonutPart[] {
  const states = worstFirst.filter(state => counts[state] > 0);
  const total = states.reduce((sum, state) => sum + counts[state], 0);
  const wanted = states.map(state =>
    Math.max(LEAST, (100 * counts[state]) / total),
  );
  const sum = wanted.reduce((all, each) => all + each, 0);
  let from = 0;
  return states.map((state, index) => {
    const length = (100 * wanted[index]) / sum;
    const part = { state, from, length };
    from += length;
    return part;
  });
}
