// SPDX-License-Identifier: Apache-2.0
import { longestSilence } from '../minutes';
import { sayMinutes } from '../say';
import {
  sampleOf,
  type CheckFindings,
  type CheckQuestion,
} from './checkQuestion';
import type { CustomCheck } from './customCheck';
import { judgeShare } from './judgeShare';
import { judgeValue } from './judgeValue';

/**
 * The checks of a team, each by its own rule. What may be wrong by chance is divided among them, so
 * that more checks do not condemn more good versions. A check of which nothing is heard keeps its gate
 * closed and condemns nobody.
 */
export function judgeChecks(
  checks: readonly CustomCheck[],
  question: CheckQuestion,
): readonly CheckFindings[] {
  const alpha = question.parameters.alphaOfChecks / Math.max(1, checks.length);
  return checks.map(check => {
    const { against, gate } =
      check.measure.kind === 'share'
        ? judgeShare(check, alpha, question)
        : judgeValue(check, question);
    const unheard = unheardFor(check.title, question);
    return {
      title: check.title,
      condemned: against !== undefined,
      against,
      gate: unheard === undefined ? gate : { open: false, words: unheard },
    };
  });
}

function unheardFor(
  title: string,
  { clean, last }: CheckQuestion,
): string | undefined {
  const heard = clean.filter(
    each => each.minute > 0 && sampleOf(each, 'canary', title),
  );
  const at = heard[heard.length - 1]?.minute;
  if (at === undefined) return 'nothing was heard of the canary yet';
  return last - at >= longestSilence
    ? `nothing was heard of the canary for ${sayMinutes(last - at)}`
    : undefined;
}
