// SPDX-License-Identifier: Apache-2.0
import { createServer, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A row of a recording, without the rows that only the recorder needs. */
export type FlaggerRow = { readonly ms: number } & (
  | {
      readonly kind: 'status';
      readonly status: Readonly<Record<string, string | number>>;
      readonly condition: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'route'; readonly weights: readonly number[] }
  | {
      readonly kind: 'hook';
      readonly hook: string;
      readonly phase: string;
      readonly type?: string;
      readonly message?: string;
      readonly open?: boolean;
    }
  | {
      readonly kind: 'metric';
      readonly query: string;
      readonly value: number | string;
    }
  | { readonly kind: 'action'; readonly action: string }
);

type Value = number | 'none';

/**
 * Stands where the gates and the Prometheus of a recording stood: answers
 * Flagger as it is told to and writes down what it was asked. Gates are open
 * but for `rollback`, metrics are 100, until something else is set.
 */
export class FlaggerWitness {
  readonly #server: Server;
  readonly #gates = new Map<string, boolean>();
  readonly #metrics = new Map<string, Value>();
  readonly #rows = new Map<string, FlaggerRow[]>();

  private constructor(private readonly now: () => Date) {
    this.#server = createServer((request, response) => {
      text(request)
        .then(body => this.#answer(request.url ?? '', body))
        .then(({ code, answer }) => {
          response.writeHead(code, { 'Content-Type': 'application/json' });
          response.end(answer);
        })
        .catch(error => response.destroy(error));
    });
  }

  static async start(now: () => Date): Promise<FlaggerWitness> {
    const witness = new FlaggerWitness(now);
    await new Promise<void>(resolve => {
      witness.#server.listen(0, '127.0.0.1', resolve);
    });
    return witness;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  /** Opens or closes a gate of a canary. */
  gate(canary: string, hook: string, open: boolean): void {
    this.#gates.set(`${canary}/${hook}`, open);
  }

  /** Sets what the metric of a canary answers. */
  metric(canary: string, value: Value): void {
    this.#metrics.set(canary, value);
  }

  /** Writes a row down for a canary. */
  note(canary: string, row: DistributiveOmit<FlaggerRow, 'ms'>): void {
    const rows = this.#rows.get(canary) ?? [];
    rows.push({ ms: this.now().getTime(), ...row } as FlaggerRow);
    this.#rows.set(canary, rows);
  }

  /** What was seen of a canary, in order. */
  rows(canary: string): readonly FlaggerRow[] {
    return this.#rows.get(canary) ?? [];
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => {
      this.#server.close(resolve);
    });
  }

  #answer(url: string, body: string): { code: number; answer: string } {
    const { pathname, searchParams } = new URL(url, this.url);
    if (pathname === '/api/v1/query')
      return this.#metricAnswer(searchParams.get('query') ?? '');
    const hook = /^\/gate\/([\w-]+)$/.exec(pathname)?.[1];
    if (!hook) return { code: 404, answer: '' };
    const { name, phase, metadata } = JSON.parse(body);
    const open = this.#gates.get(`${name}/${hook}`) ?? hook !== 'rollback';
    const said =
      hook === 'event'
        ? { type: metadata.eventType, message: metadata.eventMessage }
        : { open };
    this.note(name, { kind: 'hook', hook, phase, ...said });
    return open
      ? { code: 200, answer: 'open' }
      : { code: 403, answer: 'closed' };
  }

  #metricAnswer(query: string): { code: number; answer: string } {
    const target = /target="([^"]+)"/.exec(query)?.[1];
    const value = target ? this.#metrics.get(target) ?? 100 : 1;
    if (target) this.note(target, { kind: 'metric', query, value });
    const result =
      value === 'none'
        ? []
        : [{ metric: {}, value: [this.now().getTime() / 1_000, `${value}`] }];
    return {
      code: 200,
      answer: JSON.stringify({
        status: 'success',
        data: { resultType: 'vector', result },
      }),
    };
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown
  ? Omit<T, K>
  : never;

/** The essence of a recording or a replay: what happened in which order, without how often a wait was looked at. */
export interface FlaggerHistory {
  readonly statuses: readonly string[];
  readonly routes: readonly string[];
  /** What was asked and told, look by look; equal looks in a row count once. */
  readonly looks: readonly (readonly string[])[];
  /** From the first progress to the first end that followed. */
  readonly seconds: number;
}

/** Two rows of hooks further apart than this belong to two looks, in milliseconds. */
const betweenLooks = 4_500;

export function historyOf(rows: readonly FlaggerRow[]): FlaggerHistory {
  const names = new Map<string, string>();
  const revision = (hash: string | number | undefined) => {
    if (hash === undefined) return '-';
    const key = String(hash);
    if (!names.has(key)) names.set(key, `revision ${names.size + 1}`);
    return names.get(key);
  };
  const statuses: string[] = [];
  const routes: string[] = [];
  const looks: string[][] = [];
  let last = -Infinity;
  for (const row of rows) {
    if (row.kind === 'status') {
      const { phase, canaryWeight, failedChecks, iterations } = row.status;
      const { status, reason, message } = row.condition;
      statuses.push(
        [
          `${phase} weight ${canaryWeight} failed ${failedChecks} iterations ${iterations}`,
          `${status} ${reason} ${message}`,
          `applied ${revision(row.status.lastAppliedSpec)}`,
          `promoted ${revision(row.status.lastPromotedSpec)}`,
        ].join(' | '),
      );
    } else if (row.kind === 'route') {
      routes.push(row.weights.join('/'));
    } else if (row.kind === 'hook' || row.kind === 'metric') {
      if (row.ms - last > betweenLooks) looks.push([]);
      const ended = row.kind === 'hook' && isLast(row);
      last = ended ? -Infinity : row.ms;
      looks[looks.length - 1].push(
        row.kind === 'metric'
          ? `asks ${row.query}: ${row.value}`
          : sayHook(row),
      );
    }
  }
  return {
    statuses: withoutRepeats(statuses),
    routes: withoutRepeats(routes),
    looks: withoutRepeats(looks),
    seconds: secondsOf(rows),
  };
}

function secondsOf(rows: readonly FlaggerRow[]): number {
  const reached = (phases: readonly string[], after: number) =>
    rows.find(
      row =>
        row.kind === 'status' &&
        row.ms >= after &&
        phases.includes(String(row.status.phase)),
    )?.ms ?? NaN;
  const began = reached(['Progressing'], -Infinity);
  return (reached(['Succeeded', 'Failed'], began) - began) / 1_000;
}

/**
 * What Flagger says at the end of a look, so that two looks are told apart even
 * when a busy machine makes one so late that the next follows at once. Of a
 * revision that came while a canary was initialized: it is taken up in the same
 * look, a later one in the next; either is seen.
 */
const lastWords =
  /^(Initialization done!|New revision detected!|Advance |Halt |Routing all traffic |Promotion completed!)| not ready: waiting /;

function isLast({ message }: FlaggerRow & { kind: 'hook' }): boolean {
  return message !== undefined && lastWords.test(message);
}

function sayHook(row: FlaggerRow & { readonly kind: 'hook' }): string {
  return row.hook === 'event'
    ? `${row.phase}: ${row.type} ${row.message}`
    : `${row.phase}: ${row.hook} ${row.open ? 'open' : 'closed'}`;
}

function withoutRepeats<T>(values: readonly T[]): readonly T[] {
  return values.filter(
    (value, index) =>
      index === 0 ||
      JSON.stringify(value) !== JSON.stringify(values[index - 1]),
  );
}
