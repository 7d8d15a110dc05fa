// SPDX-License-Identifier: Apache-2.0
import { ConfigReader } from '@backstage/config';
import express from 'express';
import request from 'supertest';
import { createDemoAuthenticator, refusalOfDemoUsers } from './authenticator';

describe('refusalOfDemoUsers', () => {
  it.each([
    ['http://localhost:7007', undefined, true],
    ['http://localhost:7007', 'development', true],
    ['http://127.0.0.1:7007', 'test', true],
    ['http://[::1]:7007', 'development', true],
    ['http://localhost:7007', 'production', false],
    ['https://portal.example.com', 'development', false],
    ['https://localhost.example.com', 'development', false],
  ])(
    'at %s with NODE_ENV %s welcome: %s',
    (baseUrl, nodeEnvironment, welcome) => {
      expect(
        refusalOfDemoUsers({ baseUrl, nodeEnvironment }) === undefined,
      ).toBe(welcome);
    },
  );
});

describe('demo authenticator', () => {
  function serve(nodeEnvironment: string) {
    const authenticator = createDemoAuthenticator({
      baseUrl: 'http://localhost:7007',
      nodeEnvironment,
    });
    const context = authenticator.initialize({
      config: new ConfigReader({ users: ['user:default/mia'] }),
    });
    const app = express();
    app.get('/', async (req, res) => {
      try {
        res.json(await authenticator.authenticate({ req }, context));
      } catch (error) {
        res.status(400).json({ name: (error as Error).name });
      }
    });
    return app;
  }

  it('signs in a listed user and nobody else', async () => {
    const app = serve('development');
    const mia = await request(app)
      .get('/')
      .set('x-demo-user', 'user:default/mia');
    expect(mia.body.result).toEqual({ userEntityRef: 'user:default/mia' });
    const stranger = await request(app)
      .get('/')
      .set('x-demo-user', 'user:default/root');
    expect(stranger.body.name).toBe('AuthenticationError');
    const nobody = await request(app).get('/');
    expect(nobody.body.name).toBe('AuthenticationError');
  });

  it('refuses listed users in production', async () => {
    const response = await request(serve('production'))
      .get('/')
      .set('x-demo-user', 'user:default/mia');
    expect(response.body.name).toBe('NotAllowedError');
  });
});
