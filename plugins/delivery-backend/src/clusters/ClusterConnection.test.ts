// SPDX-License-Identifier: Apache-2.0
import type { KubernetesCredential } from '@backstage/plugin-kubernetes-node';
import { signIn } from './ClusterConnection';

const cluster = {
  name: 'cloud-staging',
  url: 'https://cluster.norden.example/',
  authMetadata: { 'kubernetes.io/auth-provider': 'test' },
};

function giving(credential: KubernetesCredential) {
  return {
    getCredential: async () => credential,
    validateCluster: () => [],
    presentAuthMetadata: () => ({}),
  };
}

describe('signIn', () => {
  it('sends a bearer token and keeps connections', async () => {
    const strategy = giving({ type: 'bearer token', token: 'long-and-random' });
    const { server, agent, headers } = await signIn(cluster, strategy);
    expect(server).toBe('https://cluster.norden.example');
    expect(headers).toEqual({ Authorization: 'Bearer long-and-random' });
    expect(agent).toMatchObject({ options: { keepAlive: true } });
    expect(agent).not.toMatchObject({ options: { rejectUnauthorized: false } });
  });

  it('shows a client certificate and trusts the configured authority', async () => {
    const strategy = giving({
      type: 'x509 client certificate',
      cert: 'the certificate',
      key: 'the key',
    });
    const caData = Buffer.from('the authority').toString('base64');
    const { agent, headers } = await signIn({ ...cluster, caData }, strategy);
    expect(headers).toEqual({});
    expect(agent).toMatchObject({
      options: {
        ca: Buffer.from('the authority'),
        cert: Buffer.from('the certificate'),
        key: Buffer.from('the key'),
      },
    });
  });

  it('skips the check of certificates only where that is configured', async () => {
    const strategy = giving({ type: 'bearer token', token: 'long-and-random' });
    const details = { ...cluster, skipTLSVerify: true };
    const { agent } = await signIn(details, strategy);
    expect(agent).toMatchObject({ options: { rejectUnauthorized: false } });
  });

  it('says what to do about a provider that needs a signed-in user, or is unknown', async () => {
    await expect(
      signIn(cluster, giving({ type: 'anonymous' })),
    ).rejects.toThrow(/"test" gives no credential .* such as serviceAccount/);
    await expect(signIn(cluster, undefined)).rejects.toThrow(
      /no auth provider "test"/,
    );
  });
});
