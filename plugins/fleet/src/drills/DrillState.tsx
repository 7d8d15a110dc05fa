// SPDX-License-Identifier: Apache-2.0
import type { DrillSummary } from '@causeway/plugin-delivery-common';
import { StateMark, type MarkKey } from '@causeway/plugin-delivery-react';
import { useFleetTranslation, type Translate } from '../translation';

const verdictMarks: Readonly<
  Record<NonNullable<DrillSummary['verdict']>, MarkKey>
> = {
  passed: 'ok',
  failed: 'bad',
  unclear: 'unsure',
  aborted: 'skip',
  interrupted: 'warn',
  notBegun: 'warn',
};

/** Where a drill is, or how it went, by shape, colour and word. */
export function DrillState(props: { drill: DrillSummary }) {
  const { t } = useFleetTranslation();
  const { verdict, phase, signature } = props.drill;
  if (verdict === undefined) {
    return <StateMark state="run" word={t(`drill.phase.${phase}`)} />;
  }
  return (
    <>
      <StateMark
        state={verdictMarks[verdict]}
        word={t(`drill.verdict.${verdict}`)}
      />
      {verdict === 'passed' && (
        <StateMark
          state={signatureMark(signature)}
          word={t(`drill.${signature?.decision ?? 'unsigned'}`)}
        />
      )}
    </>
  );
}

function signatureMark(signature: DrillSummary['signature']): MarkKey {
  if (!signature) return 'you';
  return signature.decision === 'signedOff' ? 'ok' : 'back';
}

/** What a drill does now, or what came of it, with numbers. */
export function sayDrill(
  t: Translate,
  drill: DrillSummary,
  counts: { readonly notMet: number; readonly notSeen: number },
): string {
  const { phase, verdict, met, expected } = drill;
  const numbers = {
    met: String(met),
    expected: String(expected),
    notMet: String(counts.notMet),
    notSeen: String(counts.notSeen),
  };
  if (verdict) return t(`drill.sentence.${verdict}`, numbers);
  return phase === 'over' ? '' : t(`drill.sentence.${phase}`, numbers);
}
