// SPDX-License-Identifier: Apache-2.0
import { median } from '../../src/canary/judge/statistics';
import type { Figures } from './Measurement';
import { ours } from './ours';
import { daemonSet, openYurt } from './peers';
import { faults, type Fault } from './release';
import { simulate, type MakeEngine } from './Simulation';
import { decisionTime, previewTime } from './speed';

/**
 * Brings seeded releases, good and bad, to seeded fleets and prints, as a table, how fast and with how much
 * damage.
 *
 *   yarn bench:waves [devices] [runs] [engines, part of the name, or speed] [seed]
 */
const engines: Readonly<Record<string, () => MakeEngine>> = {
  'Causeway, growth': () => ours(),
  'Causeway, rings': () =>
    ours({
      mode: {
        kind: 'rings',
        provenShare: 0.9,
        rings: [
          { name: 'first', share: 0.05 },
          { name: 'second', share: 0.3 },
        ],
      },
    }),
  'Causeway, one at a time': () => ours({ mode: { kind: 'oneAtATime' } }),
  'DaemonSet, 1': () => daemonSet(1),
  'DaemonSet, 10 %': () => daemonSet(0.1),
  'OpenYurt, 10 %': () => openYurt(0.1),
};

const [size = '60', runs = '20', wanted = '', seed = '1'] =
  process.argv.slice(2);

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function goodRow(all: readonly Figures[]): readonly string[] {
  const times = all.flatMap(({ t95 }) => t95 ?? []);
  const share = times.length / all.length;
  const typical = share > 0.5 ? median(times)?.toFixed(1) ?? '–' : '–';
  const sum = (of: (each: Figures) => number) =>
    all.reduce((total, each) => total + of(each), 0);
  const back = sum(each => each.returned);
  return [
    `${typical} (${(share * 100).toFixed(0)} %)`,
    mean(all.map(each => each.stall)).toFixed(1),
    `${((sum(each => each.caughtUp) / Math.max(1, back)) * 100).toFixed(1)} %`,
    mean(all.map(each => each.sitesOverBudget)).toFixed(1),
    `${(mean(all.map(each => Number(each.gaveUp))) * 100).toFixed(1)} %`,
    mean(all.map(each => each.wronglyGreen)).toFixed(1),
  ];
}

function run(make: () => MakeEngine, fault: Fault): readonly Figures[] {
  return Array.from({ length: Number(runs) }, (_, index) =>
    simulate(Number(seed) * 1_000_003 + index, Number(size), fault, make()),
  );
}

const bad = (['crash', 'soak', 'oneClass', 'few'] as const).map(fault => ({
  fault,
  name: faults[fault],
}));
process.stdout.write(
  `${size} devices, ${runs} runs, seed ${seed}\n\n| engine | T95 h | stall h | caught up | sites over budget | good given up | wrongly green | broken: ${bad
    .map(({ fault }) => fault)
    .join(
      ' / ',
    )} | device-h: soak | wrong orders |\n| - | - | - | - | - | - | - | - | - | - |\n`,
);
if (wanted === 'speed') {
  const ms = (time: number) => `${time.toFixed(1)} ms of processor time`;
  process.stdout.write(
    `\npreview: ${ms(previewTime(Number(size)))}\na decision: ${ms(
      decisionTime(Number(size)),
    )}\n`,
  );
}
for (const [name, make] of Object.entries(engines)) {
  if (!name.includes(wanted)) continue;
  const began = performance.now();
  const good = run(make, 'good');
  const rows = bad.map(({ fault }) => run(make, fault));
  const broken = rows.map(all => mean(all.map(each => each.broken)).toFixed(1));
  const hours = mean(rows[1].map(each => each.brokenHours)).toFixed(1);
  const wrong = [good, ...rows]
    .flat()
    .reduce((sum, each) => sum + each.wrongOrders, 0);
  process.stdout.write(
    `| ${[name, ...goodRow(good), broken.join(' / '), hours, wrong].join(
      ' | ',
    )} |\n`,
  );
  const seconds = ((performance.now() - began) / 1_000).toFixed(0);
  process.stderr.write(`${name}: ${seconds} s\n`);
}
