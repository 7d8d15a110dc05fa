// SPDX-License-Identifier: Apache-2.0
import type {
  CanaryCheckView,
  CanaryMinuteView,
  CanaryView,
} from '@causeway/plugin-delivery-common';
import { CHART_HEIGHT, layOutChart } from './chart';
import { metricsOf, type Metric } from './metrics';

const limits: CanaryView['limits'] = {
  errorPercent: 1,
  p95Milliseconds: 300,
  latencyPercentAboveBaseline: 20,
  cpuPercent: 80,
  memoryPercent: 85,
};

function minute(
  number: number,
  canary: Partial<CanaryMinuteView['canary']>,
  weight = 5,
): CanaryMinuteView {
  return {
    minute: number,
    at: new Date(Date.UTC(2026, 4, 7, 14, number)).toISOString(),
    weight,
    baseline: { requests: 1_000, errors: 1, p95: 200, p50: 100 },
    canary: { requests: 50, errors: 0, ...canary },
  };
}

const metric = (key: Metric['key'], quantile: 'p50' | 'p95' = 'p95') => {
  const found = metricsOf(limits, quantile).find(each => each.key === key);
  if (!found) throw new Error(`There is no ${key}`);
  return found;
};

describe('limits', () => {
  it('compare latency with the baseline, P95 with its own limit too', () => {
    expect(metric('latency').limit(minute(1, {}))).toBe(240);
    const slow = {
      ...minute(1, {}),
      baseline: { requests: 9, errors: 0, p95: 290 },
    };
    expect(metric('latency').limit(slow)).toBe(300);
    const unheard = { ...slow, baseline: { requests: 0, errors: 0 } };
    expect(metric('latency').limit(unheard)).toBe(300);
  });

  it('are asked of P50 and P99 only where the pipeline has them judged', () => {
    const limitOfP50 = (p50: CanaryView['limits']['p50'], usual?: number) =>
      metricsOf({ ...limits, p50 }, 'p50')
        .find(({ key }) => key === 'latency')
        ?.limit({
          ...minute(1, {}),
          baseline: { requests: 9, errors: 0, p50: usual },
        });
    expect(limitOfP50(undefined, 100)).toBeUndefined();
    expect(limitOfP50({ percentAboveBaseline: 50 }, 100)).toBe(150);
    expect(limitOfP50({ percentAboveBaseline: 50 })).toBeUndefined();
    const both = { percentAboveBaseline: 50, milliseconds: 120 };
    expect(limitOfP50(both, 100)).toBe(120);
    expect(limitOfP50(both)).toBe(120);
  });

  it('know no error rate without a request', () => {
    expect(metric('errors').of({ requests: 0, errors: 0 })).toBeUndefined();
    expect(metric('errors').of({ requests: 50, errors: 1 })).toBe(2);
  });
});

describe('a check of the pipeline', () => {
  const minuteOf = (canary: number, baseline: number) => ({
    ...minute(1, { checks: [{ title: 'Kept', value: canary }] }),
    baseline: {
      requests: 1_000,
      errors: 0,
      checks: [{ title: 'Kept', value: baseline }],
    },
  });
  const metricWith = (check: Partial<CanaryCheckView>) => {
    const checks = [{ title: 'Kept', unit: '%', ...check } as CanaryCheckView];
    const all = metricsOf({ ...limits, checks }, 'p95');
    return all[all.length - 1];
  };

  it.each([
    [{ side: 'upper', limit: 10, percentFromBaseline: 50 }, 4, 6],
    [{ side: 'upper', limit: 10, percentFromBaseline: 50 }, 8, 10],
    [{ side: 'lower', limit: 90, percentFromBaseline: 5 }, 100, 95],
    [{ side: 'lower', limit: 90 }, 100, 90],
    [{ side: 'lower', percentFromBaseline: 5 }, 80, 76],
  ] as const)('with %j beside %d has the limit %d', (check, usual, limit) => {
    expect(metricWith(check).limit(minuteOf(1, usual))).toBe(limit);
  });

  it('that is a share ends at a hundred percent', () => {
    const topWith = (unit: string, value: number) =>
      layOutChart(
        [minuteOf(value, 90)],
        metricWith({ unit, side: 'lower', limit: 80 }),
        [],
      ).top;
    expect(topWith('%', 99)).toBe(100);
    expect(topWith('labels', 99)).toBe(160);
  });

  it('has what is too little below its limit', () => {
    const minutes = [minuteOf(100, 100)];
    const { beyond, limit } = layOutChart(
      minutes,
      metricWith({ side: 'lower', limit: 80 }),
      [],
    );
    expect(beyond).toBe(
      `M0 ${CHART_HEIGHT}${limit.replace('M', 'L')}L100 ${CHART_HEIGHT}Z`,
    );
  });
});

describe('a chart', () => {
  it('leaves a gap where nothing was heard, and draws a lonely minute as a dot', () => {
    const minutes = [
      minute(0, { p95: 200 }),
      minute(1, { p95: 210 }),
      minute(2, {}),
      minute(3, { p95: 220 }),
    ];
    const { canary } = layOutChart(minutes, metric('latency'), []);
    expect(canary).toMatch(/^M12\.5 \S+L37\.5 \S+M87\.5 \S+h0$/);
  });

  it('draws nothing of the canary while it got no traffic', () => {
    const minutes = [minute(0, {}, 0), minute(1, {}, 0), minute(2, {}, 5)];
    const { canary, baseline } = layOutChart(minutes, metric('requests'), []);
    expect(canary).toMatch(/^M\S+ \S+h0$/);
    expect(baseline).toMatch(/^M\S+ \S+L\S+ \S+L\S+ \S+$/);
  });

  it('keeps the time until the end of the step empty, and marks new weights and what was left out', () => {
    const minutes = [minute(0, {}), minute(1, {}, 25)];
    const chart = layOutChart(
      minutes,
      metric('errors'),
      [1],
      new Date(Date.UTC(2026, 4, 7, 14, 4)).toISOString(),
    );
    expect(chart.weights).toEqual([
      { x: 0, weight: 5 },
      { x: 25, weight: 25 },
    ]);
    expect(chart.leftOut).toEqual([{ x: 25, width: 25 }]);
    expect(chart.limit).toMatch(/^M0 \S+L.*L100 /);
  });

  it('keeps the numbers beside its lines apart and inside', () => {
    const { ends } = layOutChart(
      [minute(0, { requests: 1_000, errors: 1 })],
      metric('errors'),
      [],
    );
    const places = ends.map(({ y }) => y);
    expect(places).toHaveLength(3);
    places.slice(1).forEach((y, index) => {
      expect(y - places[index]).toBeGreaterThanOrEqual(14);
    });
    expect(Math.max(...places)).toBeLessThanOrEqual(CHART_HEIGHT);
  });
});
