// SPDX-License-Identifier: Apache-2.0
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { startForgeAndCi, type ForgeAndCi } from '@causeway/simulator';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import simulationPlugin from './index';

jest.setTimeout(60_000);

const token = 'a-control-token-for-tests';

const look = ['simulation.read'];
const control = ['simulation.read', 'simulation.control'];

/** A backend with the plugin, in which the signed-in user holds the named rights. */
async function serve(rights: readonly string[], simulation?: object) {
  const permissions = mockServices.permissions.mock({
    authorize: async requests =>
      requests.map(({ permission }) => ({
        result: rights.includes(permission.name)
          ? AuthorizeResult.ALLOW
          : AuthorizeResult.DENY,
      })),
  });
  const { server } = await startTestBackend({
    features: [
      simulationPlugin,
      mockServices.rootConfig.factory({
        data: simulation ? { simulation } : {},
      }),
      permissions.factory,
    ],
  });
  return request(server);
}

describe('the simulation backend', () => {
  let directory: string;
  let world: ForgeAndCi;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'simulation-backend-'));
    const nowhere = { url: 'http://127.0.0.1:9/', secret: 'unused' };
    world = await startForgeAndCi({
      dataDirectory: directory,
      forgePassword: 'a-password-for-tests',
      releaseReport: nowhere,
      pushWebhook: nowhere,
      ciDuration: 0,
      controlToken: token,
      log: () => undefined,
    });
  });
  afterAll(async () => {
    await world.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const configured = (rights: readonly string[]) =>
    serve(rights, { url: world.url, token });

  it('lets people with the right start a scenario in their name, follow and stop it', async () => {
    const portal = await configured(control);
    const { body: view } = await portal.get('/api/simulation/world');
    expect(view).toMatchObject({
      seed: 1,
      counts: { services: 5, runs: 0 },
      control: { allowed: true },
    });
    const { body: scenarios } = await portal.get('/api/simulation/scenarios');
    expect(scenarios.map(({ name }: { name: string }) => name)).toContain(
      'pushes-refused',
    );

    const started = await portal.post('/api/simulation/runs').send({
      scenario: 'pushes-refused',
      seconds: 600,
      startedBy: 'user:default/somebody-else',
    });
    expect(started.status).toBe(201);
    expect(started.body).toMatchObject({
      state: 'running',
      startedBy: mockCredentials.user().principal.userEntityRef,
    });
    const { body: runs } = await portal.get('/api/simulation/runs');
    expect(runs[0]).toEqual(started.body);

    const { id } = started.body;
    const stopped = await portal.delete(`/api/simulation/runs/${id}`);
    expect(stopped.body).toMatchObject({ id, state: 'ended' });

    await portal.post('/api/simulation/runs').send({ scenario: 'forge-down' });
    const { body: all } = await portal.delete('/api/simulation/runs');
    expect(all).toMatchObject([{ scenario: 'forge-down', state: 'ended' }]);
  });

  it('hands on what the simulator refuses', async () => {
    const portal = await configured(control);
    const refused = async (body: object) => {
      const answer = await portal.post('/api/simulation/runs').send(body);
      return [answer.status, answer.body.error.message];
    };
    expect(await refused({ scenario: 'earthquake' })).toEqual([
      404,
      expect.stringMatching(/There is no scenario earthquake/),
    ]);
    expect(
      await refused({ scenario: 'git-conflict', parameters: { seconds: 0 } }),
    ).toEqual([400, 'A commit every must be from 0.2 to 3600 s.']);
    const gone = await portal.delete('/api/simulation/runs/none');
    expect(gone.status).toBe(404);
  });

  it('lets those look who may, and tells them why they may not act', async () => {
    const portal = await configured(look);
    const { body: view } = await portal.get('/api/simulation/world');
    expect(view.control).toEqual({
      allowed: false,
      reason: expect.stringMatching(/simulation\.control/),
    });
    for (const attempt of [
      portal.post('/api/simulation/runs').send({ scenario: 'forge-down' }),
      portal.delete('/api/simulation/runs/1'),
      portal.delete('/api/simulation/runs'),
    ])
      expect((await attempt).status).toBe(403);
    const { body: runs } = await portal.get('/api/simulation/runs');
    expect(
      runs.every(({ state }: { state: string }) => state === 'ended'),
    ).toBe(true);
  });

  it('shows nothing to those without rights, to services, and to nobody', async () => {
    const portal = await configured([]);
    for (const path of ['world', 'scenarios', 'runs'])
      expect((await portal.get(`/api/simulation/${path}`)).status).toBe(403);
    const open = await configured(control);
    for (const [header, status] of [
      [mockCredentials.none.header(), 401],
      [mockCredentials.service.header(), 403],
    ] as const) {
      const answer = await open
        .get('/api/simulation/world')
        .set('authorization', header);
      expect(answer.status).toBe(status);
    }
  });

  it('says clearly that there is no simulation', async () => {
    const portal = await serve(control);
    for (const attempt of [
      portal.get('/api/simulation/world'),
      portal.post('/api/simulation/runs').send({ scenario: 'forge-down' }),
    ]) {
      const { status, body } = await attempt;
      expect(status).toBe(501);
      expect(body.error.message).toMatch(/EDGE_SIMULATION_MODE=true/);
    }
  });

  it.each([
    [
      'is away',
      { url: 'http://127.0.0.1:9', token },
      /gives no answer at http:\/\/127\.0\.0\.1:9/,
    ],
    [
      'knows another token',
      { token: 'another' },
      /does not accept the portal’s token/,
    ],
  ])('says so when the simulator %s', async (_what, simulation, sentence) => {
    const portal = await serve(control, { url: world.url, ...simulation });
    const { status, body } = await portal
      .post('/api/simulation/runs')
      .send({ scenario: 'forge-down' });
    expect(status).toBe(503);
    expect(body.error.message).toMatch(sentence);
    expect(JSON.stringify(body)).not.toContain(token);
  });
});
