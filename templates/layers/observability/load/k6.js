// Load on a running service: k6 run -e BASE_URL=http://localhost:8080 load/k6.js
import http from 'k6/http';
import { check } from 'k6';

const base = __ENV.BASE_URL || 'http://localhost:${{ values.port }}';

export const options = {
  scenarios: {
    steady: {
      executor: 'constant-arrival-rate',
      rate: Number(__ENV.RATE || 20),
      timeUnit: '1s',
      duration: __ENV.DURATION || '1m',
      preAllocatedVUs: 20,
    },
  },
  thresholds: {
    http_req_failed: ['rate<${{ values.slo.errorRatePercent / 100 }}'],
    http_req_duration: ['p(95)<${{ values.slo.latencyP95Milliseconds }}'],
  },
};

export default function visit() {
  const answer = http.get(`${base}/healthz`);
  check(answer, { 'is ready': ({ status }) => status === 200 });
}

export function handleSummary(data) {
  return { 'reports/k6-summary.json': JSON.stringify(data) };
}
