// SPDX-License-Identifier: Apache-2.0
import { drawn, JobFacts } from './facts';

/** Timings of a page with the milliseconds that still score half, and their weight in the score. */
const timings = [
  {
    id: 'first-contentful-paint',
    title: 'First Contentful Paint',
    half: 3_000,
    weight: 10,
  },
  {
    id: 'largest-contentful-paint',
    title: 'Largest Contentful Paint',
    half: 4_000,
    weight: 25,
  },
  {
    id: 'total-blocking-time',
    title: 'Total Blocking Time',
    half: 600,
    weight: 30,
  },
  { id: 'speed-index', title: 'Speed Index', half: 5_800, weight: 10 },
] as const;

const rounded = (value: number) => Math.round(value * 100) / 100;

/** How the status page of the service loads, in the shape of a Lighthouse report; scores are 0 to 1. */
export function lighthouseReport(facts: JobFacts) {
  const { service, finishedAt, failed } = facts;
  const address = `http://${service}.test.norden.example/status`;
  const audits = timings.map(({ id, title, half, weight }) => {
    const value = drawn(facts, id, 0.1, 0.5) * half * (failed ? 3 : 1);
    const score = rounded(1 / (1 + (value / half) ** 2));
    return {
      weight,
      audit: {
        id,
        title,
        score,
        scoreDisplayMode: 'numeric',
        numericValue: rounded(value),
        numericUnit: 'millisecond',
        displayValue: `${(value / 1000).toFixed(1)} s`,
      },
    };
  });
  const total = audits.reduce((sum, { weight }) => sum + weight, 0);
  const score =
    audits.reduce((sum, { weight, audit }) => sum + weight * audit.score, 0) /
    total;
  return {
    lighthouseVersion: '12.8.0',
    requestedUrl: address,
    mainDocumentUrl: address,
    finalDisplayedUrl: address,
    fetchTime: finishedAt.toISOString(),
    gatherMode: 'navigation',
    userAgent: 'HeadlessChrome',
    runWarnings: [],
    configSettings: { formFactor: 'desktop', locale: 'en-US' },
    audits: Object.fromEntries(audits.map(({ audit }) => [audit.id, audit])),
    categories: {
      performance: {
        id: 'performance',
        title: 'Performance',
        score: rounded(score),
        auditRefs: audits.map(({ weight, audit }) => ({
          id: audit.id,
          weight,
        })),
      },
    },
  };
}
