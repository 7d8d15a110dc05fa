// SPDX-License-Identifier: Apache-2.0
import { drawn, JobFacts } from './facts';

/** Seconds that the load lasts. */
const seconds = 30;
const slowest = 500;

const rounded = (value: number) => Math.round(value * 1000) / 1000;

/**
 * The load that the integration tests put on the service, in the shape of
 * `k6 run --summary-export`: a flat object per metric, times in milliseconds.
 * A threshold is `true` when it was crossed, which is how k6 writes it there.
 */
export function k6Summary(facts: JobFacts) {
  const requests = Math.round(drawn(facts, 'requests', 2_400, 4_800));
  const failures = Math.round(
    requests * drawn(facts, 'failures', 0, facts.failed ? 0.2 : 0.002),
  );
  const median = drawn(facts, 'median', 18, 60);
  const p95 = facts.failed ? slowest * 1.6 : median * 3.1;
  const duration = {
    avg: rounded(median * 1.2),
    min: rounded(median * 0.3),
    med: rounded(median),
    max: rounded(p95 * 1.9),
    'p(90)': rounded(p95 * 0.8),
    'p(95)': rounded(p95),
  };
  return {
    root_group: {
      name: '',
      path: '',
      id: 'd41d8cd98f00b204e9800998ecf8427e',
      groups: {},
      checks: {
        'answers 200': {
          name: 'answers 200',
          path: '::answers 200',
          id: '1f4b7f2dc2a3a5d2ef2c4c41d2ff3b5d',
          passes: requests - failures,
          fails: failures,
        },
      },
    },
    metrics: {
      checks: {
        passes: requests - failures,
        fails: failures,
        value: (requests - failures) / requests,
      },
      http_req_duration: {
        ...duration,
        thresholds: { [`p(95)<${slowest}`]: p95 >= slowest },
      },
      http_req_failed: {
        passes: failures,
        fails: requests - failures,
        value: failures / requests,
      },
      http_reqs: { count: requests, rate: rounded(requests / seconds) },
      iterations: { count: requests, rate: rounded(requests / seconds) },
      vus: { value: 10, min: 10, max: 10 },
      vus_max: { value: 10, min: 10, max: 10 },
    },
  };
}
