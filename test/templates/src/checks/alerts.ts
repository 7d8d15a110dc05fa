// SPDX-License-Identifier: Apache-2.0
import { parseAllDocuments } from 'yaml';

type Files = ReadonlyMap<string, string>;

/** An alert, as far as the checks look into it. */
export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What a PrometheusRule says: the form of Prometheus' own rule files. */
export interface RuleFile {
  readonly groups: readonly {
    readonly name: string;
    readonly rules: readonly Alert[];
  }[];
}

const severities = ['critical', 'warning'];

/** The specifications of all PrometheusRules of a repository. */
export function ruleFilesIn(files: Files): readonly RuleFile[] {
  return [...files]
    .filter(([path]) => path.endsWith('.yaml'))
    .filter(([, text]) => /^kind: PrometheusRule$/m.test(text))
    .flatMap(([, text]) => parseAllDocuments(text))
    .map(document => document.toJS())
    .filter(({ kind }) => kind === 'PrometheusRule')
    .map(({ spec }) => spec);
}

/** All alerts of a repository. */
export function alertsIn(files: Files): readonly Alert[] {
  return ruleFilesIn(files).flatMap(({ groups }) =>
    groups.flatMap(({ rules }) => rules),
  );
}

/** What the person lacks whom an alert wakes: how bad it is, what it is, and what to do. */
export function alertProblems(files: Files): readonly string[] {
  return alertsIn(files).flatMap(({ alert, labels, annotations }) => [
    ...(severities.includes(labels?.severity ?? '')
      ? []
      : [`${alert} has the severity ${labels?.severity}`]),
    ...(annotations?.summary ? [] : [`${alert} has no summary`]),
    ...(hasRunbook(files, annotations?.runbook ?? '')
      ? []
      : [`${alert} names the runbook ${annotations?.runbook}`]),
  ]);
}

/** Whether a place is there: a file, and in it the heading that is named after a `#`. */
function hasRunbook(files: Files, place: string): boolean {
  const [path, anchor] = place.split('#');
  const text = files.get(path);
  if (text === undefined || anchor === undefined) return text !== undefined;
  return [...text.matchAll(/^#+ (\w+)$/gm)].some(
    ([, heading]) => heading.toLowerCase() === anchor,
  );
}
