// SPDX-License-Identifier: Apache-2.0
import type {
  CheckMeasure,
  CustomCheck,
} from '../canary/judge/checks/customCheck';
import { armPlaceholders, templateProblem } from '../canary/queryTemplate';
import type { DocumentPath, DocumentReading } from './documentReading';
import type { PipelineProblem } from './pipeline';
import { fields, list } from './rawValues';

/** A check as the document writes it, once it was found to be right. */
export interface CheckDocument {
  readonly title: string;
  readonly part?: string;
  readonly of?: string;
  readonly value?: string;
  readonly unit?: string;
  readonly atMost?: number;
  readonly atLeast?: number;
  readonly percentAboveBaseline?: number;
  readonly percentBelowBaseline?: number;
}

/** Placeholders of an expression; counters have those of the arm only. */
const placeholders = [...armPlaceholders, 'window'];

/** A check of a document that {@link checkProblems} found nothing wrong with. */
export function buildCheck(check: CheckDocument): CustomCheck {
  const { title, atMost, atLeast } = check;
  const { percentAboveBaseline, percentBelowBaseline } = check;
  const measure = measureOf(check);
  const isShare = measure.kind === 'share';
  const limit = atMost ?? atLeast;
  const relative = percentAboveBaseline ?? percentBelowBaseline;
  const isLower = atLeast !== undefined || percentBelowBaseline !== undefined;
  return {
    title,
    unit: isShare ? '%' : check.unit ?? '',
    measure,
    rule: {
      side: isLower ? 'lower' : 'upper',
      ...(limit !== undefined && { limit: isShare ? limit / 100 : limit }),
      ...(relative !== undefined && { relative: relative / 100 }),
    },
  };
}

function measureOf({ part, of, value }: CheckDocument): CheckMeasure {
  if (value !== undefined) return { kind: 'value', query: value };
  if (part !== undefined && of !== undefined)
    return { kind: 'share', part, whole: of };
  throw new Error('A check without a query passed the checks');
}

type Report = (
  key: string | undefined,
  code: string,
  message: string,
) => PipelineProblem;

/** What a schema can not say about the checks of canaries. */
export function checkProblems(reading: DocumentReading): PipelineProblem[] {
  return list(fields(reading.value).stages).flatMap((stage, index) => {
    const { canary } = fields(fields(stage).strategy);
    const checks = list(fields(canary).checks).map(fields);
    const titles = checks.map(({ title }) => title);
    return checks.flatMap((check, place) => {
      const path = ['stages', index, 'strategy', 'canary', 'checks', place];
      const report = reportAt(reading, path);
      const { title } = check;
      return [
        ...(typeof title === 'string' && titles.indexOf(title) < place
          ? [
              report(
                'title',
                'duplicateCheck',
                `Two checks are called \`${title}\`; each needs a title of its own.`,
              ),
            ]
          : []),
        ...measureProblems(check, report),
        ...limitProblems(check, report),
      ];
    });
  });
}

function reportAt(reading: DocumentReading, path: DocumentPath): Report {
  return (key, code, message) => ({
    ...reading.at(key === undefined ? path : [...path, key]),
    code,
    message,
  });
}

function measureProblems(
  check: Record<string, unknown>,
  report: Report,
): PipelineProblem[] {
  const { part, of, value } = check;
  const isShare = part !== undefined && of !== undefined;
  const isMixed = value !== undefined && (part ?? of) !== undefined;
  if (isMixed || (value === undefined && !isShare)) {
    return [
      report(
        undefined,
        'checkMeasure',
        'A check is measured by `value`, or by `part` and `of` together; write exactly one of both.',
      ),
    ];
  }
  const queries = { part, of, value };
  return Object.entries(queries).flatMap(([key, query]) => {
    if (typeof query !== 'string') return [];
    const isCounter = key !== 'value';
    const problem = templateProblem(query, {
      placeholders: isCounter ? armPlaceholders : placeholders,
      isCounter,
    });
    return problem === undefined
      ? []
      : [report(key, 'badQuery', `\`${key}\` ${problem}`)];
  });
}

function limitProblems(
  check: Record<string, unknown>,
  report: Report,
): PipelineProblem[] {
  const upper = ['atMost', 'percentAboveBaseline'].filter(key => key in check);
  const lower = ['atLeast', 'percentBelowBaseline'].filter(key => key in check);
  if (upper.length === 0 && lower.length === 0) {
    return [
      report(
        undefined,
        'noLimit',
        'A check needs a limit: `atMost` or `percentAboveBaseline` where less is better, `atLeast` or `percentBelowBaseline` where more is.',
      ),
    ];
  }
  if (upper.length > 0 && lower.length > 0) {
    return [
      report(
        lower[0],
        'mixedLimits',
        `\`${upper[0]}\` and \`${lower[0]}\` limit both sides; write two checks.`,
      ),
    ];
  }
  const [absolute] = ['atMost', 'atLeast'].filter(key => key in check);
  if (absolute === undefined) return [];
  if (check.value !== undefined && check.unit === undefined) {
    return [
      report(
        absolute,
        'noUnit',
        `\`${absolute}\` needs a \`unit\`, or nobody knows what ${check[absolute]} is.`,
      ),
    ];
  }
  const limit = check[absolute];
  return check.value === undefined &&
    typeof limit === 'number' &&
    !(limit > 0 && limit < 100)
    ? [
        report(
          absolute,
          'outOfRange',
          `\`${absolute}\` of a share is in percent, above 0 and below 100.`,
        ),
      ]
    : [];
}
