// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { minuteOf, readMinutes, type MinuteQuestion } from './readMinutes';
import type { Labels, Sample, Series } from './series';

const begin = '2026-03-01T09:00:00.000Z';
const zero = Date.parse(begin);
const second = 1_000;

/** Samples every 15 s after the given minute's start, `undefined` is a missed scrape. */
function every15(
  values: readonly (number | undefined)[],
  fromMinute = 1,
): readonly Sample[] {
  const start = zero + (fromMinute - 1) * 60 * second;
  return values.flatMap((value, index) =>
    value === undefined
      ? []
      : [{ at: start + (index + 1) * 15 * second, value }],
  );
}

function series(labels: Labels, samples: readonly Sample[]): Series {
  return { labels: { namespace: 'shop', ...labels }, samples };
}

function requests(
  status: string,
  values: readonly (number | undefined)[],
  { pod = 'a', fromMinute = 1 } = {},
): Series {
  return series({ pod, status }, every15(values, fromMinute));
}

const nobody = {
  requests: [],
  latency: [],
  cpuPercent: [],
  memoryPercent: [],
};

function read(over: Partial<MinuteQuestion>, minutes = 2) {
  return readMinutes({
    baseline: nobody,
    canary: nobody,
    begin,
    until: new Date(zero + minutes * 60 * second).toISOString(),
    history: 0,
    weights: [],
    errorLabel: 'status',
    errorPattern: /^5..$/,
    latencyUnit: 'seconds',
    ...over,
  });
}

const canaryOf = (...of: Series[]) =>
  read({ canary: { ...nobody, requests: of } }).minutes.map(
    ({ canary: { requests: total, errors, scrapes } }) => [
      total,
      errors,
      scrapes,
    ],
  );
const baselineOf = (...of: Series[]) =>
  read({ baseline: { ...nobody, requests: of } }).minutes.map(
    ({ baseline: { requests: total, errors, scrapes } }) => [
      total,
      errors,
      scrapes,
    ],
  );

describe('minutes of the canary', () => {
  it.each<[string, Series[], number[][]]>([
    [
      'its counters begin at 0',
      [requests('200', [10, 20, 30, 40, 50])],
      [
        [40, 0, 4],
        [10, 0, 1],
      ],
    ],
    [
      'several counters of a pod are one scrape',
      [requests('200', [8, 16]), requests('500', [2, 4])],
      [
        [20, 4, 2],
        [0, 0, 0],
      ],
    ],
    [
      'pods are added',
      [requests('200', [8, 16]), requests('503', [1, 3], { pod: 'b' })],
      [
        [19, 3, 4],
        [0, 0, 0],
      ],
    ],
    [
      'a missed scrape is booked in the minute of the next',
      [
        requests('200', [10, 20, 30, undefined, 50, 60]),
        requests('500', [0, 0, 0, undefined, 7, 7]),
      ],
      [
        [30, 0, 3],
        [37, 7, 2],
      ],
    ],
    [
      'a restart is known by any counter and restarts them all',
      [requests('200', [100, 200, 210, 220]), requests('500', [5, 10, 1, 2])],
      [
        [210 + 210 + 2 + 10, 12, 4],
        [0, 0, 0],
      ],
    ],
    [
      'a counter that was not there in the scrape before says nothing of the others',
      [
        requests('200', [100, 200, 210, 220]),
        requests('500', [5, 10, undefined, 2]),
      ],
      [
        [220 + 10 + 2, 12, 4],
        [0, 0, 0],
      ],
    ],
    [
      'a counter that first appears with its first failure',
      [
        requests('200', [10, 20, 30]),
        requests('500', [undefined, undefined, 3]),
      ],
      [
        [33, 3, 3],
        [0, 0, 0],
      ],
    ],
    ...[NaN, Infinity, -Infinity, -1].map(
      (value): [string, Series[], number[][]] => [
        `${value} is a missed scrape of the pod`,
        [
          requests('200', [10, 20, 30, 40, 50]),
          requests('500', [0, value, 0, 0, 2]),
        ],
        [
          [40, 0, 3],
          [12, 2, 1],
        ],
      ],
    ),
    [
      'samples of one instant that contradict each other are a missed scrape',
      [requests('200', [10, 20, 30]), requests('200', [10, 25, 30])],
      [
        [60, 0, 3],
        [0, 0, 0],
      ],
    ],
    [
      'a counter without the label of failures is no counter of successes',
      [series({ pod: 'a', code: '500' }, every15([10, 20]))],
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
    ],
    [
      'nothing heard is no minute without failures',
      [],
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
    ],
    [
      'a minute that is not over is left out',
      [requests('200', [10, 20, 30, 40, 50, 60, 70, 80, 90, 100])],
      [
        [40, 0, 4],
        [40, 0, 4],
      ],
    ],
  ])('%s', (_name, of, expected) => {
    expect(canaryOf(...of)).toEqual(expected);
  });

  it('counts what came after its begin, in minutes from there', () => {
    const { minutes } = read({
      begin: '2026-03-01T09:00:20.000Z',
      canary: {
        ...nobody,
        requests: [requests('200', [40, 50, 60, 70, 80, 90, 100, 110])],
      },
    });
    expect(minutes.map(({ canary }) => canary.requests)).toEqual([40]);
  });
});

describe('minutes of the baseline', () => {
  it.each<[string, Series[], number[][]]>([
    [
      'the first sight of a counter books nothing',
      [requests('200', [1010, 1020, 1030, 1040, 1050])],
      [
        [30, 0, 3],
        [10, 0, 1],
      ],
    ],
    [
      'nor does that of one that appears later',
      [requests('200', [10, 20, 30]), requests('500', [undefined, 4, 5])],
      [
        [21, 1, 2],
        [0, 0, 0],
      ],
    ],
    [
      'one sample alone says nothing',
      [requests('200', [1010])],
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
    ],
  ])('%s', (_name, of, expected) => {
    expect(baselineOf(...of)).toEqual(expected);
  });

  it('has a history with minutes 0 and less', () => {
    const { minutes } = read({
      history: 2,
      baseline: {
        ...nobody,
        requests: [
          requests('200', [10, 20, 30, 40, 50, 60, 70, 80, 90], {
            fromMinute: -1,
          }),
        ],
      },
    });
    expect(
      minutes.map(({ minute, baseline }) => [minute, baseline.requests]),
    ).toEqual([
      [-1, 30],
      [0, 40],
      [1, 10],
      [2, 0],
    ]);
  });
});

describe('failures with a counter of their own', () => {
  const counted = (errors: readonly Series[]) =>
    read({
      canary: { ...nobody, requests: [requests('', [10, 20, 30, 40])], errors },
    });

  it('are believed when the counter is heard', () => {
    const { minutes, notes } = counted([
      series({ pod: 'a' }, every15([0, 0, 1, 1])),
    ]);
    expect(minutes[0].canary).toMatchObject({
      requests: 40,
      errors: 1,
      scrapes: 4,
    });
    expect(notes).toEqual([expect.stringContaining('latency')]);
  });

  it.each([
    ['absent', []],
    [
      'of more failures than requests',
      [series({ pod: 'a', job: 'b' }, every15([99]))],
    ],
  ])('leave the minute unheard when it is %s', (_name, errors) => {
    const { minutes, notes } = counted(errors);
    expect(minutes[0].canary).toMatchObject({
      requests: 0,
      errors: 0,
      scrapes: 0,
    });
    expect(notes).toContain(
      'Minutes of the canary left out because their failures are not known: 1.',
    );
  });
});

describe('latency', () => {
  const bucket = (le: string, values: readonly number[], pod = 'a') =>
    series({ pod, le }, every15(values));

  it('counts each request once, at bounds in milliseconds', () => {
    const { minutes, boundsMs } = read({
      canary: {
        ...nobody,
        requests: [requests('200', [10, 30])],
        latency: [
          bucket('+Inf', [10, 30]),
          bucket('0.07', [4, 10]),
          bucket('0.2', [7, 22]),
        ],
      },
    });
    expect(boundsMs).toEqual([70, 200]);
    expect(minutes[0].canary.buckets).toEqual([10, 12, 8]);
  });

  it('compares versions with other buckets at the bounds they share', () => {
    const { minutes, boundsMs } = read({
      latencyUnit: 'milliseconds',
      baseline: {
        ...nobody,
        requests: [requests('200', [10, 30])],
        latency: [
          bucket('100', [3, 6]),
          bucket('250', [5, 9]),
          bucket('+Inf', [5, 10]),
        ],
      },
      canary: {
        ...nobody,
        requests: [requests('200', [10, 30])],
        latency: [
          bucket('50', [1, 1]),
          bucket('100', [2, 4]),
          bucket('+Inf', [9, 11]),
        ],
      },
    });
    expect(boundsMs).toEqual([100]);
    expect(minutes[0].baseline.buckets).toEqual([3, 2]);
    expect(minutes[0].canary.buckets).toEqual([4, 7]);
  });

  it('leaves out what a bucket that appears later can not tell, and goes on', () => {
    const { minutes } = read({
      baseline: {
        ...nobody,
        requests: [requests('200', [10, 20, 30, 40])],
        latency: [
          bucket('+Inf', [10, 20, 30, 40]),
          series({ pod: 'a', le: '0.1' }, every15([undefined, 8, 15, 21])),
        ],
      },
    });
    expect(minutes[0].baseline).toMatchObject({
      requests: 30,
      buckets: [13, 7],
      scrapes: 3,
    });
  });

  it('takes a histogram that contradicts itself for a missed scrape', () => {
    const { minutes, notes } = read({
      canary: {
        ...nobody,
        requests: [requests('200', [10, 20, 30])],
        latency: [bucket('0.1', [5, 25, 15]), bucket('+Inf', [10, 20, 30])],
      },
    });
    expect(minutes[0].canary).toMatchObject({
      requests: 30,
      buckets: [15, 15],
      scrapes: 2,
    });
    expect(notes).toEqual([
      'Scrapes of the canary left out because their numbers can not be: 1.',
    ]);
  });
});

describe('processor and memory', () => {
  it('are means over pods and scrapes, null when nobody said', () => {
    const { minutes } = read({
      canary: {
        ...nobody,
        cpuPercent: [
          series({ pod: 'a' }, every15([10, NaN])),
          series({ pod: 'b' }, every15([30])),
        ],
        memoryPercent: [series({ pod: 'a' }, every15([-1, Infinity]))],
      },
    });
    expect(minutes[0].canary).toMatchObject({
      cpuPercent: 20,
      memoryPercent: null,
    });
    expect(minutes[1].canary).toMatchObject({
      cpuPercent: null,
      memoryPercent: null,
    });
  });
});

describe('weights', () => {
  it('are what held, by how long it held', () => {
    const { minutes } = read({
      history: 1,
      weights: [
        { at: '2026-03-01T09:01:30.000Z', percent: 25 },
        { at: begin, percent: 5 },
      ],
    });
    expect(minutes.map(({ weightPercent }) => weightPercent)).toEqual([
      0, 5, 15,
    ]);
  });
});

it.each([
  [begin, 0, 0],
  [begin, 1, 1],
  [begin, 60_000, 1],
  [begin, 60_001, 2],
  [begin, -60_000, -1],
  ['2026-03-01T09:00:59.000Z', 59_000, 0],
  ['2026-03-01T09:00:59.000Z', 60_000, 1],
])(
  'with the begin at %s the instant %s ms after nine is in minute %s',
  (from, after, minute) => {
    expect(minuteOf(from, zero + after)).toBe(minute);
  },
);

/** A process: what it served between two scrapes, with restarts, and the counters that scrapes would show. */
const life = fc.array(
  fc.record({
    served: fc.nat(50),
    failed: fc.nat(3),
    restarts: fc.boolean(),
    heard: fc.boolean(),
  }),
  { minLength: 1, maxLength: 40 },
);

function simulate(
  steps: readonly {
    served: number;
    failed: number;
    restarts: boolean;
    heard: boolean;
  }[],
  pod: string,
) {
  let good = 0;
  let bad = 0;
  const shown = {
    good: [] as (number | undefined)[],
    bad: [] as (number | undefined)[],
  };
  for (const step of steps) {
    if (step.restarts) {
      good = 0;
      bad = 0;
    }
    good += step.served;
    bad += step.failed;
    shown.good.push(step.heard ? good : undefined);
    // Client libraries show a counter with labels from its first use on.
    shown.bad.push(step.heard && bad > 0 ? bad : undefined);
  }
  return [
    requests('200', shown.good, { pod }),
    requests('500', shown.bad, { pod }),
  ];
}

function totals(of: readonly Series[], arm: 'canary' | 'baseline' = 'canary') {
  const { minutes } = read({ [arm]: { ...nobody, requests: of } }, 12);
  return minutes.reduce(
    (sum, minute) => ({
      requests: sum.requests + minute[arm].requests,
      errors: sum.errors + minute[arm].errors,
    }),
    { requests: 0, errors: 0 },
  );
}

describe('whatever is scraped', () => {
  const lives = fc.array(life, { minLength: 1, maxLength: 4 });
  const allOf = (
    steps: readonly (readonly {
      served: number;
      failed: number;
      restarts: boolean;
      heard: boolean;
    }[])[],
  ) => steps.flatMap((each, index) => simulate(each, `pod-${index}`));

  it('never counts more requests or failures than there were', () => {
    fc.assert(
      fc.property(
        lives,
        fc.constantFrom('canary', 'baseline'),
        (steps, arm) => {
          const truth = steps.flat();
          const failed = truth.reduce((sum, step) => sum + step.failed, 0);
          const served = truth.reduce((sum, step) => sum + step.served, 0);
          const counted = totals(allOf(steps), arm);
          expect(counted.errors).toBeLessThanOrEqual(failed);
          expect(counted.requests).toBeLessThanOrEqual(failed + served);
        },
      ),
    );
  });

  it('counts every request that a later scrape still shows', () => {
    fc.assert(
      fc.property(lives, steps => {
        const calm = steps.map(each =>
          each.map((step, index) => ({
            ...step,
            restarts: false,
            heard: step.heard || index === each.length - 1,
          })),
        );
        const truth = calm.flat();
        expect(totals(allOf(calm))).toEqual({
          requests: truth.reduce(
            (sum, { served, failed }) => sum + served + failed,
            0,
          ),
          errors: truth.reduce((sum, { failed }) => sum + failed, 0),
        });
      }),
    );
  });

  it('loses by a restart at most what the process served since it was last heard', () => {
    fc.assert(
      fc.property(life, fc.nat(), (steps, pick) => {
        const at = pick % steps.length;
        const heard = steps.map((step, index) => ({
          ...step,
          heard: true,
          restarts: index === at,
          // Without a fall of some counter a restart is not to be seen.
          served: index === at ? 0 : step.served + 1,
          failed: index === at ? 0 : step.failed,
        }));
        const truth = heard.reduce(
          (sum, { served, failed }) => sum + served + failed,
          0,
        );
        expect(totals(simulate(heard, 'a')).requests).toBe(truth);
      }),
    );
  });

  it('is the same in any order of series and samples, and when samples come twice', () => {
    fc.assert(
      fc.property(lives, fc.infiniteStream(fc.nat()), (steps, dice) => {
        const of = allOf(steps);
        const shuffle = <T>(list: readonly T[]): T[] =>
          list
            .map(each => ({ each, order: dice.next().value ?? 0 }))
            .sort((left, right) => left.order - right.order)
            .map(({ each }) => each);
        const twice = shuffle(of).map(each => ({
          ...each,
          samples: shuffle([...each.samples, ...each.samples.slice(0, 3)]),
        }));
        const once = shuffle(of);
        const question = (
          counters: readonly Series[],
          shares: readonly Series[],
        ) => ({
          canary: { ...nobody, requests: counters, cpuPercent: shares },
          baseline: { ...nobody, requests: counters },
        });
        expect(read(question(twice, once), 12)).toEqual(
          read(question(of, of), 12),
        );
      }),
    );
  });
});
