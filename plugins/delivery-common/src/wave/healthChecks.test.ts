// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import type { Readings } from '../fleet/device';
import { Stage } from './__testUtils__/Stage';
import { aDevice } from './__testUtils__/devices';
import {
  checkReadings,
  judgeChecks,
  tallyChecks,
  type HealthCheckSeen,
  type HealthCheckTallies,
} from './healthChecks';

const now = Date.parse('2026-05-01T10:00:00Z');
const reading = (value: number, unit = '%', ago = 0) => ({
  value,
  unit,
  at: new Date(now - ago).toISOString(),
  source: 'test',
});

describe('what readings say', () => {
  const network = { latencyMilliseconds: 200, lossPercent: 5 };
  it.each<[string, Readings, HealthCheckSeen | undefined]>([
    [
      'all is within limits',
      { latency: reading(120, 'ms', 30_000), loss: reading(5) },
      { at: now },
    ],
    [
      'one is beyond',
      { latency: reading(350.44, 'ms'), loss: reading(1) },
      { at: now, problem: 'its latency is 350.4 ms, limit 200' },
    ],
    [
      'one is beyond and the other unknown',
      { loss: reading(9) },
      { at: now, problem: 'its packet loss is 9 %, limit 5' },
    ],
    ['one is unknown', { latency: reading(120, 'ms') }, undefined],
    [
      'one is old',
      { latency: reading(120, 'ms', 301_000), loss: reading(1) },
      undefined,
    ],
    ['nothing is measured', {}, undefined],
  ])('when %s', (_, readings, expected) => {
    expect(checkReadings({ network }, readings, now).network).toEqual(expected);
  });

  it('keeps resources to their own limits', () => {
    const resources = { temperatureC: 80, memoryPercent: 90 };
    const hot = { temperature: reading(81, '°C'), memory: reading(50) };
    expect(checkReadings({ resources }, hot, now)).toEqual({
      resources: { at: now, problem: 'its temperature is 81 °C, limit 80' },
    });
  });
});

describe('what checks say together', () => {
  /** One look: a measurement that passed, failed, was hindered, was seen before, or is not known. */
  const looks = fc.array(
    fc.constantFrom('passed', 'failed', 'hindered', 'again', 'unknown'),
    { maxLength: 30 },
  );
  const after = (all: readonly string[]) => {
    let at = 0;
    let last: HealthCheckSeen | undefined;
    return all.reduce<HealthCheckTallies>((tallies, look) => {
      if (look === 'unknown') return tallyChecks(['http'], tallies, {});
      if (look !== 'again') {
        at += 1;
        last = {
          at,
          ...(look === 'failed' && { problem: 'it answered 503' }),
          ...(look === 'hindered' && { obstacle: 'it could not start' }),
        };
      }
      return tallyChecks(['http'], tallies, last && { http: last });
    }, {});
  };
  const verdict = (all: readonly string[]) =>
    judgeChecks(['http'], after(all), 3).health;
  const told = (all: readonly string[]) =>
    all.filter(look => look !== 'again' && look !== 'unknown');
  const measured = (all: readonly string[]) =>
    told(all).filter(look => look !== 'hindered');

  it('fails exactly when the last three measurements failed, each counted once', () => {
    fc.assert(
      fc.property(looks, all => {
        const last = measured(all).slice(-3);
        const isFailed =
          last.length === 3 && last.every(look => look === 'failed');
        expect(verdict(all) === 'failed').toBe(isFailed);
      }),
    );
  });

  it('is well only when the last measurement passed and is known still', () => {
    fc.assert(
      fc.property(looks, all => {
        const isWell =
          told(all).at(-1) === 'passed' && all.at(-1) !== 'unknown';
        expect(verdict(all) === 'ok').toBe(isWell);
      }),
    );
  });

  it('says why a check could not be made, until it was made', () => {
    const hindered = tallyChecks(['job'], undefined, {
      job: { at: 1, obstacle: 'its probe could not be run: ErrImagePull' },
    });
    expect(judgeChecks(['job'], hindered, 3)).toEqual({
      health: 'unknown',
      because: 'its probe could not be run: ErrImagePull',
    });
    const made = tallyChecks(['job'], hindered, { job: { at: 2 } });
    expect(judgeChecks(['job'], made, 3)).toEqual({ health: 'ok' });
  });
});

describe('a wave with checks', () => {
  const pis = (count: number, hardware = (_: number) => 'pi') =>
    Array.from({ length: count }, (_, index) =>
      aDevice({
        id: `p${index}`,
        site: `site-${index}`,
        hardware: hardware(index),
      }),
    );
  const http = { path: '/healthz', port: 8080, within: 3_000 };
  const policy = { health: { '*': { http } }, growth: 2 };
  const answer = (at: number, problem?: string) => ({
    running: 'new',
    checks: { http: { at, ...(problem && { problem }) } },
  });
  const bad = 'its probe /healthz answered 503';

  it('soaks a device only while its checks pass, and says what it waits for', () => {
    const stage = new Stage(pis(1), policy);
    stage.see({ running: 'new' }, 'p0');
    expect(stage.phase('p0')).toBe('inFlight');
    expect(stage.sentence('p0')).toBe(
      'It was ordered 0 s ago. Nobody knows that it is well: its probe has not been answered.',
    );
    stage.see(answer(1), 'p0');
    expect(stage.phase('p0')).toBe('soaking');
    stage.pass(10);
    stage.see({ checks: {} }, 'p0');
    stage.pass(60);
    expect(stage.phase('p0')).toBe('soaking');
    stage.see(answer(2), 'p0');
    stage.pass(21);
    expect(stage.phase('p0')).toBe('proven');
  });

  it('fails a device whose check failed three times in a row, and names it', () => {
    const stage = new Stage(pis(1), policy);
    stage.see(answer(1), 'p0');
    for (const at of [2, 3]) stage.see(answer(at, bad), 'p0');
    stage.see({ checks: {} }, 'p0');
    expect(stage.sentence('p0')).toMatch(/its probe .* 503, 2 of 3 times/);
    expect(stage.of('failed')).toEqual([]);
    stage.see(answer(4, bad), 'p0');
    expect(stage.log.find(({ kind }) => kind === 'failed')?.because).toBe(
      `It became unhealthy (${bad}, 3 times in a row).`,
    );
  });

  it('asks nothing of devices that do not run the release, and nothing by HTTP or Job of those that are proven', () => {
    const job = { probe: 'belt-moves', every: 300_000 };
    const stage = new Stage(pis(2), { health: { '*': { http, job } } });
    const both = (at: number, problem?: string) => {
      const { running, checks } = answer(at, problem);
      return { running, checks: { ...checks, job: checks.http } };
    };
    stage.see({ checks: both(1, bad).checks }, 'p0', 'p1');
    const [first] = stage.in('inFlight');
    stage.see(both(1), first);
    stage.pass(31);
    expect(stage.phase(first)).toBe('proven');
    for (const at of [2, 3, 4]) stage.see(both(at, bad), first);
    expect(stage.phase(first)).toBe('proven');
  });

  it('asks each hardware for its own', () => {
    const stage = new Stage(
      pis(2, index => (index === 0 ? 'pi' : 'constructor')),
      { health: { pi: { http } } },
    );
    stage.see({ running: 'new' }, 'p0', 'p1');
    expect(stage.in('soaking')).toEqual(['p1']);
  });
});
