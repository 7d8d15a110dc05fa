// SPDX-License-Identifier: Apache-2.0
import { ConfigReader } from '@backstage/config';
import type { JsonObject } from '@backstage/types';
import { silentLogger } from '../testing/silentLogger';
import { createCanaryMetrics } from './createCanaryMetrics';

function create(...prometheus: readonly JsonObject[]) {
  return createCanaryMetrics({
    config: new ConfigReader({ delivery: { prometheus: [...prometheus] } }),
    logger: silentLogger,
    clock: () => new Date(0),
  });
}

const server = { name: 'a', url: 'https://prometheus.example/mimir/' };

describe('delivery.prometheus', () => {
  it.each<[string, JsonObject[]]>([
    ['no server', []],
    ['a server without a credential', [server]],
    ['a token', [{ ...server, bearerToken: 'x' }]],
    [
      'everything else',
      [
        server,
        {
          ...server,
          name: 'b',
          clusters: ['cloud'],
          username: 'u',
          password: 'p',
          headers: { 'X-Scope-OrgID': 'norden' },
          queries: {
            requests: 'r{w="{{workload}}"}',
            errorLabel: 'code',
            latencyUnit: 'milliseconds',
          },
        },
      ],
    ],
  ])('may have %s', (_name, servers) => {
    expect(() => create(...servers)).not.toThrow();
  });

  it.each<[JsonObject, RegExp]>([
    [{ name: 'a' }, /url/],
    [{ ...server, url: 'prometheus:9090' }, /server a: url is no http/],
    [{ ...server, url: 'http://u:s3cret@host' }, /credentials go into/],
    [{ ...server, url: 'http://host/?token=s3cret' }, /address alone/],
    [{ ...server, username: 'u' }, /belong together/],
    [
      { ...server, username: 'u', password: 's3cret', bearerToken: 's3cret' },
      /one is enough/,
    ],
    [
      {
        ...server,
        bearerToken: 's3cret',
        headers: { Authorization: 's3cret' },
      },
      /beside the other credential/,
    ],
    [{ ...server, bearerToken: 's3cret\nX-Evil: 1' }, /can not be sent/],
    [
      { ...server, headers: { 'X-Key': 's3cret\nX-Evil: 1' } },
      /can not be sent/,
    ],
    [
      { ...server, queries: { requests: 'sum(x)' } },
      /server a: queries\.requests must/,
    ],
    [{ ...server, queries: { latencyUnit: 'hours' } }, /latencyUnit/],
  ])('refuses %j and says why without secrets', (entry, problem) => {
    let said = '';
    try {
      create(entry);
    } catch (error) {
      said = String(error);
    }
    expect(said).toMatch(problem);
    expect(said).not.toContain('s3cret');
  });

  it('refuses two servers of one name', () => {
    expect(() => create(server, server)).toThrow(/two servers of the name a/);
  });
});
