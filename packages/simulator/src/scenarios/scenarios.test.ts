// SPDX-License-Identifier: Apache-2.0
import type {
  ScenarioRequest,
  ScenarioRun,
  SimulatedWorld,
} from '@causeway/plugin-simulation-common';
import express from 'express';
import fc from 'fast-check';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  startTestServer,
  TestServer,
} from '../apiserver/testing/startTestServer';
import { CiEffects } from '../ci/CiEffects';
import { DeviceWorld } from '../devices/DeviceWorld';
import { planFleet } from '../devices/planFleet';
import { RunningForge, startForge } from '../forge/startForge';
import { TrafficEffects } from '../metrics/traffic/effects';
import { acceleratedScheduler, Scheduler } from '../time/Scheduler';
import { Registry } from '../world/Registry';
import { accounts } from '../world/accounts';
import { controlRoutes } from '../world/controlRoutes';
import type { ScenarioRunner } from './ScenarioRunner';
import { startScenarios } from './startScenarios';

jest.setTimeout(300_000);

const token = 'a-token-for-tests';
const target = {
  namespace: 'sorting',
  service: 'parcel-vision',
  version: '2.8.0',
  image: 'registry.norden.example/parcel-vision:2.8.0',
};
const author = {
  name: 'Nils Berg',
  email: 'nils@norden.example',
  date: new Date('2026-11-20T08:00:00Z'),
};

/** A world with everything that scenarios meddle with, all of it the real parts of the simulator. */
class Stage {
  static async open(): Promise<Stage> {
    const directory = await mkdtemp(join(tmpdir(), 'scenarios-'));
    const scheduler = acceleratedScheduler(1_000);
    const forge = await startForge({
      directory: join(directory, 'forge'),
      port: 0,
      accounts,
      password: 'a-password-for-tests',
      clock: scheduler.now,
    });
    for (const name of ['parcel-vision', 'fleet']) {
      await forge.forge.createRepository({
        owner: 'norden',
        name,
        description: name,
        commits: [
          {
            branch: 'main',
            author,
            message: 'Begin',
            changes: [{ path: 'VERSION', content: '2.8.0\n' }],
          },
        ],
      });
    }
    return new Stage(directory, scheduler, forge, await startTestServer());
  }

  readonly devices: DeviceWorld;
  readonly traffic: TrafficEffects;
  readonly registry = new Registry();
  readonly ci = new CiEffects();
  readonly runner: ScenarioRunner;

  private constructor(
    private readonly directory: string,
    readonly scheduler: Scheduler,
    readonly forge: RunningForge,
    readonly cluster: TestServer,
  ) {
    this.devices = new DeviceWorld({
      plan: planFleet({ sites: 4, devices: 20 }),
      clock: scheduler.now,
    });
    this.traffic = new TrafficEffects(scheduler.now);
    this.runner = startScenarios({
      scheduler,
      seed: 1,
      clusters: [{ name: 'cloud-staging', faults: cluster.server.faults }],
      forge: forge.forge,
      services: ['parcel-vision'],
      devices: this.devices,
      traffic: this.traffic,
      registry: this.registry,
      ci: this.ci,
      log: () => undefined,
    });
  }

  async file(repository: string, path: string): Promise<string | undefined> {
    const git = this.forge.forge.repository(`norden/${repository}`)?.git;
    return (await git?.readFile('main', path))?.toString();
  }

  /** Everything that a scenario may have changed. */
  async state() {
    return {
      cluster: this.cluster.server.faults.active.map(({ fault }) => fault.kind),
      devices: this.devices.effects.running().map(({ kind }) => kind),
      traffic: this.traffic.of(target).at(this.scheduler.now().getTime()),
      forge: this.forge.forge.faults.current.kind,
      registry: this.registry.answers,
      ci: this.ci.list(),
      version: await this.file('parcel-vision', 'VERSION'),
      notes: await this.file('fleet', 'NOTES.md'),
    };
  }

  async close(): Promise<void> {
    await this.runner.close();
    this.scheduler.stop();
    await this.forge.stop();
    await this.cluster.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}

describe('scenarios', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open();
  });
  afterAll(() => stage.close());

  /** Something valid to ask of every scenario there is. */
  function requestsForAll(): readonly ScenarioRequest[] {
    return stage.runner.catalogue().map(({ name, parameters }) => ({
      scenario: name,
      parameters: Object.fromEntries(
        parameters.required.map(required => {
          const property = parameters.properties[required];
          const value =
            property.type === 'string' ? property.enum?.[0] : property.minimum;
          return [required, value ?? 'venlo'];
        }),
      ),
    }));
  }

  it('has those of the design, with words for people', () => {
    const catalogue = stage.runner.catalogue();
    expect(catalogue.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'bad-release',
        'bad-canary',
        'slow-canary',
        'offline',
        'flapping-network',
        'heat',
        'undervoltage',
        'storage-full',
        'memory-pressure',
        'gpu-lost',
        'half-site-lost',
        'clock-skew',
        'git-conflict',
        'registry-down',
        'ci-fails',
      ]),
    );
    for (const { title, description, parameters } of catalogue) {
      expect(title).toMatch(/^[A-Z]/);
      expect(description).toMatch(/\.$/);
      for (const property of Object.values(parameters.properties))
        expect(property.title).toMatch(/^\S/);
    }
  });

  it('changes something by each one, and nothing is left of it after the stop', async () => {
    const before = await stage.state();
    for (const request of requestsForAll()) {
      const run = await stage.runner.start(request);
      await untilDifferent(before);
      const stopped = await stage.runner.stop(run.id);
      expect(stopped).toMatchObject({ state: 'ended' });
      expect([request.scenario, await stage.state()]).toEqual([
        request.scenario,
        before,
      ]);
    }
  });

  async function untilDifferent(before: object): Promise<void> {
    const [known] = [JSON.stringify(before)];
    while (JSON.stringify(await stage.state()) === known)
      await stage.scheduler.sleep(100);
  }

  it('restores the world whatever overlaps and in whatever order it ends', async () => {
    const before = await stage.state();
    const requests = requestsForAll();
    const step = fc.record({
      request: fc.nat({ max: requests.length - 1 }),
      stop: fc.nat({ max: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 2, maxLength: 8 }),
        async steps => {
          const open: ScenarioRun[] = [];
          for (const { request, stop } of steps) {
            open.push(await stage.runner.start(requests[request]));
            const [ended] = open.splice(stop, 1);
            if (ended) await stage.runner.stop(ended.id);
          }
          await stage.runner.stopAll();
          expect(await stage.state()).toEqual(before);
        },
      ),
      { numRuns: 8 },
    );
  });

  it('keeps what another run still holds', async () => {
    const first = await stage.runner.start({ scenario: 'pushes-refused' });
    const second = await stage.runner.start({ scenario: 'forge-down' });
    await stage.runner.stop(first.id);
    expect(stage.forge.forge.faults.current.kind).toBe('down');
    await stage.runner.stop(second.id);
    expect(stage.forge.forge.faults.current.kind).toBe('none');
  });

  it('ends a run by the clock of the world', async () => {
    const run = await stage.runner.start({
      scenario: 'cluster-slow',
      parameters: { cluster: 'cloud-staging' },
      seconds: 300,
    });
    expect(Date.parse(run.endsAt ?? '') - Date.parse(run.startedAt)).toBe(
      300_000,
    );
    await stage.scheduler.sleep(280_000);
    expect(stage.cluster.server.faults.active).toHaveLength(1);
    await stage.scheduler.sleep(30_000);
    expect(stage.cluster.server.faults.active).toEqual([]);
    const ended = stage.runner.runs().find(({ id }) => id === run.id);
    expect(ended?.state).toBe('ended');
    expect(Date.parse(ended?.endedAt ?? '')).toBeGreaterThanOrEqual(
      Date.parse(run.endsAt ?? ''),
    );
  });

  it('starts no more than it can follow', async () => {
    const request = { scenario: 'reboot' };
    for (let count = 0; count < 50; count += 1)
      await stage.runner.start(request);
    await expect(stage.runner.start(request)).rejects.toMatchObject({
      status: 409,
    });
    expect(await stage.runner.stopAll()).toHaveLength(50);
    expect(stage.runner.runningCount).toBe(0);
    expect(stage.runner.runs().length).toBeLessThanOrEqual(50);
  });

  describe('over HTTP', () => {
    let server: Server;
    let url: string;

    beforeAll(async () => {
      const world: SimulatedWorld = {
        now: '2026-11-21T08:00:00.000Z',
        seed: 1,
        counts: { clusters: 1, sites: 4, devices: 20, services: 1, runs: 0 },
        clusters: [{ name: 'cloud-staging', fault: 'none' }],
      };
      server = createServer(
        express().use(
          '/simulation',
          controlRoutes({
            pending: () => undefined,
            clusters: () => [],
            forgeFaults: () => undefined,
            runs: () => [],
            token,
            scenarios: () => stage.runner,
            describeWorld: () => world,
          }),
        ),
      );
      await once(server.listen(0, '127.0.0.1'), 'listening');
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterAll(() => {
      server.closeAllConnections();
      server.close();
    });

    async function call(
      method: string,
      path: string,
      body?: unknown,
      bearer = token,
    ) {
      const response = await fetch(`${url}/simulation/${path}`, {
        method,
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${bearer}`,
        },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      return { status: response.status, body: await response.json() };
    }

    it('shows the world, starts, lists and stops', async () => {
      expect((await call('GET', 'world')).body).toMatchObject({ seed: 1 });
      expect((await call('GET', 'scenarios')).body[0]).toMatchObject({
        name: 'bad-release',
        parameters: { required: ['service'] },
      });
      const { status, body: run } = await call('POST', 'runs', {
        scenario: 'offline',
        parameters: { site: 'venlo', percentage: 50 },
        seconds: 3_600,
        startedBy: 'user:default/ines',
      });
      expect(status).toBe(201);
      expect(run).toMatchObject({
        scenario: 'offline',
        state: 'running',
        startedBy: 'user:default/ines',
      });
      expect((await call('GET', 'runs')).body[0]).toEqual(run);
      const [effect] = stage.devices.effects.running();
      expect(effect.kind).toBe('offline');
      expect(effect.devices.every(name => name.startsWith('venlo-'))).toBe(
        true,
      );
      const stopped = await call('DELETE', `runs/${run.id}`);
      expect(stopped).toMatchObject({ status: 200, body: { state: 'ended' } });
      expect(await call('DELETE', `runs/${run.id}`)).toEqual(stopped);
      expect(stage.devices.effects.running()).toEqual([]);
    });

    it('stops everything at once', async () => {
      for (const scenario of ['heat', 'undervoltage'])
        await call('POST', 'runs', { scenario });
      const { body } = await call('DELETE', 'runs');
      expect(body.map((run: ScenarioRun) => run.scenario)).toEqual([
        'undervoltage',
        'heat',
      ]);
      expect(stage.devices.effects.running()).toEqual([]);
    });

    it.each<[object, number, RegExp]>([
      [{}, 400, /scenario must be the name/],
      [
        { scenario: 'earthquake' },
        404,
        /There is no scenario earthquake; there are bad-release/,
      ],
      [
        { scenario: 'offline', seconds: 0 },
        400,
        /seconds must be from 1 to 604800/,
      ],
      [
        { scenario: 'offline', seconds: 'long' },
        400,
        /seconds must be a number/,
      ],
      [{ scenario: 'offline', startedBy: 7 }, 400, /startedBy must be a text/],
      [
        { scenario: 'offline', parameters: { site: 'atlantis' } },
        400,
        /Site must be one of/,
      ],
      [
        { scenario: 'offline', parameters: { device: 'ghost-01' } },
        400,
        /There is no device named ghost-01/,
      ],
      [{ scenario: 'offline', parameters: [] }, 400, /must be a JSON object/],
      [{ scenario: 'site-outage' }, 400, /Site is missing/],
      [
        { scenario: 'heat', parameters: { degrees: 500 } },
        400,
        /Warmer by must be from 1 to 80 °C/,
      ],
    ])('refuses %j', async (request, status, sentence) => {
      const answer = await call('POST', 'runs', request);
      expect(answer.status).toBe(status);
      expect(answer.body.message).toMatch(sentence);
      expect(stage.runner.runningCount).toBe(0);
    });

    it('lets nobody change anything without the token', async () => {
      for (const [method, path] of [
        ['POST', 'runs'],
        ['DELETE', 'runs/1'],
        ['DELETE', 'runs'],
      ])
        expect((await call(method, path, {}, 'guessed')).status).toBe(401);
      expect((await call('DELETE', 'runs/none')).status).toBe(404);
    });
  });
});

test('a world that ends stops all runs and starts none any more', async () => {
  const stage = await Stage.open();
  await stage.runner.start({ scenario: 'heat' });
  await stage.runner.close();
  expect(stage.devices.effects.running()).toEqual([]);
  await expect(stage.runner.start({ scenario: 'heat' })).rejects.toMatchObject({
    status: 503,
  });
  await stage.close();
});
