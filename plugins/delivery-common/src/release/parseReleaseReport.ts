// SPDX-License-Identifier: Apache-2.0
import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import type { ReleaseReport } from '../api/views';
import type { Instant } from '../time';
import type { Release } from './release';

/** What is wrong with a release report; `field` names the part of the report. */
export interface ReleaseReportProblem {
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

/** A release, or every problem of the report. Never both. */
export type ReleaseReportParsing =
  | { readonly release: Release; readonly problems?: undefined }
  | {
      readonly release?: undefined;
      readonly problems: readonly ReleaseReportProblem[];
    };

/** How far a CI's clock may be ahead of ours. */
const CLOCK_TOLERANCE = 5 * 60_000;

/**
 * Makes a release of a report whose shape the HTTP schema has accepted: refs and instants in one
 * form, and what a schema can not say. Pure: identity and time come in.
 * `images` are those the service's pipeline names, undefined while no valid pipeline is known.
 */
export function parseReleaseReport(
  report: ReleaseReport,
  context: {
    readonly id: string;
    readonly now: Date;
    readonly images?: readonly string[];
  },
): ReleaseReportParsing {
  const problems = [
    ...imageProblems(report, context.images),
    ...timeProblems(report, context.now),
    ...authorProblems(report),
  ];
  if (problems.length > 0) return { problems };
  const { commit, ci } = report;
  return {
    release: {
      id: context.id,
      service: stringifyEntityRef(parseEntityRef(report.service)),
      version: report.version,
      commit: {
        ...commit,
        time: instant(commit.time),
        ...(commit.authorRef && {
          authorRef: stringifyEntityRef(userRef(commit.authorRef)),
        }),
      },
      images: report.images,
      ...(ci && {
        ci: {
          ...ci,
          startedAt: instant(ci.startedAt),
          finishedAt: instant(ci.finishedAt),
        },
      }),
      reportedAt: context.now.toISOString(),
    },
  };
}

function imageProblems(
  report: ReleaseReport,
  wanted: readonly string[] | undefined,
): ReleaseReportProblem[] {
  const named = report.images.map(image => image.name);
  const twice = named.filter((name, index) => named.indexOf(name) !== index);
  return [
    ...twice.map(name => ({
      field: 'images',
      code: 'duplicateImage',
      message: `The report names the image ${name} twice.`,
    })),
    ...(wanted ?? [])
      .filter(name => !named.includes(name))
      .map(name => ({
        field: 'images',
        code: 'missingImage',
        message: `The pipeline names the image ${name}, but the report has no digest for it.`,
      })),
  ];
}

function timeProblems(
  report: ReleaseReport,
  now: Date,
): ReleaseReportProblem[] {
  const { commit, ci } = report;
  const times: [string, string][] = [
    ['commit.time', commit.time],
    ...(ci
      ? ([
          ['ci.startedAt', ci.startedAt],
          ['ci.finishedAt', ci.finishedAt],
        ] as [string, string][])
      : []),
  ];
  const unreadable = times
    .filter(([, time]) => Number.isNaN(Date.parse(time)))
    .map(([field]) => ({
      field,
      code: 'badTime',
      message: `${field} is not an ISO 8601 instant.`,
    }));
  if (unreadable.length > 0) return unreadable;
  const early = times
    .filter(([, time]) => Date.parse(time) > now.getTime() + CLOCK_TOLERANCE)
    .map(([field, time]) => ({
      field,
      code: 'futureTime',
      message: `${field} is ${time}, which is in the future; check the clock of CI.`,
    }));
  const backwards =
    ci && Date.parse(ci.finishedAt) < Date.parse(ci.startedAt)
      ? [
          {
            field: 'ci.finishedAt',
            code: 'badTime',
            message: 'ci.finishedAt is before ci.startedAt.',
          },
        ]
      : [];
  return [...early, ...backwards];
}

function authorProblems(report: ReleaseReport): ReleaseReportProblem[] {
  const { authorRef } = report.commit;
  if (authorRef === undefined) return [];
  try {
    userRef(authorRef);
    return [];
  } catch {
    return [
      {
        field: 'commit.authorRef',
        code: 'badRef',
        message: `commit.authorRef is ${authorRef}, which is not an entity ref such as user:default/mia.`,
      },
    ];
  }
}

function userRef(text: string) {
  return parseEntityRef(text, {
    defaultKind: 'user',
    defaultNamespace: 'default',
  });
}

function instant(text: string): Instant {
  return new Date(text).toISOString();
}
