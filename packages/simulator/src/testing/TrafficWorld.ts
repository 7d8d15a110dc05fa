// SPDX-License-Identifier: Apache-2.0
import type { StringMap } from '../controllers/runtime/resources';
import type { Pod } from '../controllers/workloads/workloads';
import { Evaluation, evaluateRange } from '../metrics/promql/evaluate';
import { parseQuery } from '../metrics/promql/parse';
import { SampleReader } from '../metrics/SampleReader';
import { Traffic, TrafficOptions } from '../metrics/Traffic';
import type { RouteView, ServiceView } from '../metrics/traffic/routes';

/** How a pod of a test differs from one that runs. */
export interface PodSettings {
  readonly version?: string;
  readonly app?: string;
  readonly ready?: boolean;
  readonly restarts?: number;
  readonly labels?: StringMap;
}

/** A pod that runs. */
export function aPod(name: string, settings: PodSettings = {}): Pod {
  const { version = '1.0.0', app = 'shop', ready = true } = settings;
  const restartCount = settings.restarts ?? 0;
  return {
    metadata: {
      name,
      namespace: 'demo',
      uid: name,
      resourceVersion: '1',
      creationTimestamp: '2026-03-01T08:00:00Z',
      labels: { app, ...settings.labels },
    },
    spec: {
      nodeName: 'one',
      containers: [{ name: 'c', image: `ex/shop:${version}@sha256:0` }],
    },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: [
        {
          name: 'c',
          ready,
          started: true,
          restartCount,
          image: `ex/shop:${version}`,
          imageID: '',
          state: ready ? { running: {} } : { waiting: {} },
          lastState: {},
        },
      ],
    },
  };
}

/** The Services of a canary `shop`. */
export const shopServices: readonly ServiceView[] = [
  { name: 'shop', port: 80, selector: { app: 'shop-primary' } },
  { name: 'shop-primary', port: 80, selector: { app: 'shop-primary' } },
  { name: 'shop-canary', port: 80, selector: { app: 'shop' } },
];

/** A route that gives the canary a weight out of 100. */
export function aRoute(
  canary: number,
  by: RouteView['by'] = 'gateway',
): RouteView {
  return {
    name: 'shop',
    by,
    backends: [
      { name: 'shop-primary', share: 1 - canary / 100 },
      { name: 'shop-canary', share: canary / 100 },
    ],
  };
}

/** Traffic with a clock that a test sets, in the namespace `demo`. */
export class TrafficWorld {
  now: number;
  readonly traffic: Traffic;
  readonly #reader: SampleReader;

  constructor(
    options: Partial<TrafficOptions> = {},
    start = Date.parse('2026-03-01T12:00:00Z'),
  ) {
    this.now = start;
    this.traffic = new Traffic({
      seed: '1',
      clock: () => new Date(this.now),
      ...options,
    });
    this.#reader = new SampleReader(() => [this.traffic]);
  }

  /** Tells what the namespace looks like from now on. */
  see(
    pods: readonly Pod[],
    routes: readonly RouteView[] = [],
    services: readonly ServiceView[] = shopServices,
  ): void {
    this.traffic.see('demo', { pods, services, routes });
  }

  /** The answer to a query by the value of a label, or of all of it under the empty text. */
  ask(query: string, label = ''): Readonly<Record<string, number>> {
    const range = { start: this.now, end: this.now, step: 0 };
    const evaluation = new Evaluation(this.#reader, range);
    const value = evaluation.at(parseQuery(query), this.now);
    const samples = value.type === 'vector' ? value.samples : [];
    return Object.fromEntries(
      samples.map(({ labels, value: number }) => [labels[label] ?? '', number]),
    );
  }

  /** The answer to a query over a range, all series. */
  askRange(query: string, from: number, step: number) {
    const range = { start: from, end: this.now, step };
    return evaluateRange(parseQuery(query), this.#reader, range);
  }
}
