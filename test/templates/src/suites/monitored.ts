// SPDX-License-Identifier: Apache-2.0
import {
  startPrometheus,
  until,
  type Prometheus,
} from '@causeway/test-cluster';
import { alertsIn, ruleFilesIn } from '../checks/alerts';
import type { Rendered } from '../ScaffolderUnderTest';

/** Nothing is measured: a question is understood, or it is not. */
const target = '127.0.0.1:9';

/** A rule, as Prometheus tells of it. */
interface LoadedRule {
  readonly name: string;
  /** `unknown` until it was worked out the first time. */
  readonly health: 'ok' | 'unknown' | 'err';
  readonly lastError?: string;
}

/** Registers what a real Prometheus makes of everything that was rendered, by case. */
export function monitored(rendered: ReadonlyMap<string, Rendered>): void {
  let prometheus: Prometheus;

  beforeAll(async () => {
    prometheus = await startPrometheus({
      target,
      rules: [...rendered.values()].flatMap(({ files }) => ruleFilesIn(files)),
    });
  });

  afterAll(() => prometheus?.stop());

  test('Prometheus loads every alert, and can work it out', async () => {
    const written = [...rendered.values()].flatMap(({ files }) =>
      alertsIn(files).map(({ alert }) => alert),
    );
    const rules = await until(
      async () => {
        const loaded = await loadedRules(prometheus);
        return loaded.some(({ health }) => health === 'unknown')
          ? undefined
          : loaded;
      },
      { what: 'Prometheus to work out every alert' },
    );
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
    expect(rules.map(({ name }) => name).sort()).toEqual([...written].sort());
    expect(written).toEqual(
      expect.arrayContaining(['ServiceDown', 'DeviceOffline', 'CloudCoreDown']),
    );
  });

  test('Prometheus refuses an alert that it can not read, and names it', async () => {
    const rules = [{ alert: 'Unreadable', expr: 'sum(' }];
    await expect(
      startPrometheus({ target, rules: [{ groups: [{ name: 'x', rules }] }] }),
    ).rejects.toThrow(/Unreadable/);
  });

  test('Prometheus understands every panel', async () => {
    const expressions = [...rendered.values()].flatMap(({ files }) =>
      panelsIn(files),
    );
    expect(expressions.length).toBeGreaterThan(20);
    for (const query of new Set(expressions)) {
      const answer = await fetch(
        `${prometheus.url}/api/v1/query?${new URLSearchParams({ query })}`,
      );
      expect([query, answer.status]).toEqual([query, 200]);
    }
  });
}

async function loadedRules({
  url,
}: Prometheus): Promise<readonly LoadedRule[]> {
  const answer = await fetch(`${url}/api/v1/rules`);
  const {
    data,
  }: {
    readonly data: {
      readonly groups: readonly { readonly rules: readonly LoadedRule[] }[];
    };
  } = await answer.json();
  return data.groups.flatMap(({ rules }) => rules);
}

function panelsIn(files: ReadonlyMap<string, string>): readonly string[] {
  const dashboard: {
    readonly panels: readonly {
      readonly targets: readonly { readonly expr: string }[];
    }[];
  } = JSON.parse(
    files.get('deploy/base/observability/dashboard.json') ?? '{"panels":[]}',
  );
  return dashboard.panels.flatMap(({ targets }) =>
    targets.map(({ expr }) => expr),
  );
}
