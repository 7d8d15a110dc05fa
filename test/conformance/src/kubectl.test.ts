// SPDX-License-Identifier: Apache-2.0
import { execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { ClusterUnderTest } from './ClusterUnderTest';
import { configMap, deployment, pod } from './objects';
import { startSimulator } from './startSimulator';

jest.setTimeout(60_000);

const isThere =
  spawnSync('kubectl', ['version', '--client', '--output=json']).status === 0;
if (!isThere) {
  process.stdout.write(
    'kubectl is not on the PATH: its test against the simulator is left out\n',
  );
}

/** The real kubectl, unmodified, against the simulated API server. */
(isThere ? describe : describe.skip)('kubectl', () => {
  let cluster: ClusterUnderTest;
  let folder: string;
  let environment: NodeJS.ProcessEnv;

  beforeAll(async () => {
    cluster = await startSimulator();
    folder = await mkdtemp(join(tmpdir(), 'kubectl-'));
    const kubeconfig = join(folder, 'kubeconfig');
    await writeFile(kubeconfig, JSON.stringify(kubeconfigOf(cluster)));
    environment = { ...process.env, KUBECONFIG: kubeconfig, HOME: folder };
  });
  afterAll(async () => {
    await cluster.stop();
    await rm(folder, { recursive: true });
  });

  async function kubectl(...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)('kubectl', args, {
      env: environment,
    });
    return stdout;
  }

  async function file(name: string, ...objects: object[]): Promise<string> {
    const path = join(folder, name);
    const list = { kind: 'List', apiVersion: 'v1', items: objects };
    await writeFile(path, JSON.stringify(list));
    return path;
  }

  /** Cells of a table, without its heading. */
  const rows = (text: string) =>
    text
      .trim()
      .split('\n')
      .slice(1)
      .map(row => row.split(/\s{2,}/));

  it('lists what the server serves', async () => {
    const resources = await kubectl('api-resources', '--no-headers');
    expect(resources).toMatch(
      /^deployments +deploy +apps\/v1 +true +Deployment$/m,
    );
    expect(rows(await kubectl('get', 'namespaces'))).toContainEqual([
      'default',
      'Active',
      expect.any(String),
    ]);
  });

  it('applies, changes and takes away fields as the file says', async () => {
    const web = deployment('web');
    const before = await file(
      'web.yaml',
      web,
      configMap('settings', { a: '1' }),
    );
    expect(await kubectl('apply', '-f', before)).toBe(
      'deployment.apps/web created\nconfigmap/settings created\n',
    );
    const { template } = web.spec;
    const [container] = template.spec.containers;
    const after = await file(
      'web.yaml',
      deployment('web', {
        template: {
          ...template,
          spec: {
            containers: [
              { ...container, env: [{ name: 'NEW', value: '1' }] },
              { name: 'side', image: 'registry.example/side:1.0.0' },
            ],
          },
        },
      }),
      configMap('settings', { b: '2' }),
    );
    expect(await kubectl('apply', '-f', after)).toBe(
      'deployment.apps/web configured\nconfigmap/settings configured\n',
    );
    expect(await kubectl('apply', '-f', after)).toBe(
      'deployment.apps/web unchanged\nconfigmap/settings unchanged\n',
    );
    const path =
      '{range .spec.template.spec.containers[*]}{.name}:{.env[*].name} {end}';
    expect(await kubectl('get', 'deploy/web', '-o', `jsonpath=${path}`)).toBe(
      'main:NEW side: ',
    );
    expect(await kubectl('get', 'cm/settings', '-o', 'jsonpath={.data}')).toBe(
      '{"b":"2"}',
    );
    await kubectl('delete', '-f', after);
    expect(await kubectl('get', 'deploy', '-o', 'name')).toBe('');
  });

  it('shows tables, wide and narrow', async () => {
    await kubectl('apply', '-f', await file('web.yaml', deployment('web')));
    expect(rows(await kubectl('get', 'deploy'))).toEqual([
      ['web', '0/0', '0', '0', expect.any(String)],
    ]);
    expect(rows(await kubectl('get', 'deploy', '-o', 'wide'))).toEqual([
      [
        'web',
        '0/0',
        '0',
        '0',
        expect.any(String),
        'main',
        'registry.example/app:1.0.0',
        'app=web',
      ],
    ]);
    await kubectl('delete', 'deploy', 'web');
  });

  it('describes', async () => {
    await kubectl('apply', '-f', await file('web.yaml', deployment('web')));
    const described = await kubectl('describe', 'deploy', 'web');
    expect(described).toMatch(/^Name: +web$/m);
    expect(described).toMatch(/^ +Image: +registry.example\/app:1.0.0$/m);
    expect(described).toMatch(/^Events: +<none>$/m);
    await kubectl('delete', 'deploy', 'web');
  });

  it('patches in each way, scales, labels and sets images', async () => {
    await kubectl('apply', '-f', await file('web.yaml', deployment('web')));
    const main = { name: 'main', image: 'registry.example/app:2.0.0' };
    const strategic = { spec: { template: { spec: { containers: [main] } } } };
    await kubectl('patch', 'deploy', 'web', '-p', JSON.stringify(strategic));
    const merge = '{"metadata":{"labels":{"a":"b"}}}';
    await kubectl('patch', 'deploy', 'web', '--type=merge', '-p', merge);
    const json = '[{"op":"add","path":"/metadata/labels/c","value":"d"}]';
    await kubectl('patch', 'deploy', 'web', '--type=json', '-p', json);
    await kubectl('label', 'deploy', 'web', 'e=f');
    await kubectl('scale', 'deploy', 'web', '--replicas=3');
    const get = (path: string) =>
      kubectl('get', 'deploy', 'web', '-o', `jsonpath=${path}`);
    expect(await get('{.spec.replicas} {.spec..image}')).toBe(
      `3 ${main.image}`,
    );
    expect(await get('{.metadata.labels}')).toBe('{"a":"b","c":"d","e":"f"}');
    await kubectl('set', 'image', 'deploy/web', 'main=registry.example/app:3');
    expect(await get('{.spec..image}')).toBe('registry.example/app:3');
    await kubectl('delete', 'deploy', 'web');
  });

  it('waits for a rollout', async () => {
    await kubectl('apply', '-f', await file('web.yaml', deployment('web')));
    const status = JSON.stringify({ status: { observedGeneration: 1 } });
    const waiting = kubectl('rollout', 'status', 'deploy/web', '--timeout=20s');
    await kubectl(
      ...['patch', 'deploy', 'web', '--subresource=status'],
      ...['--type=merge', '-p', status],
    );
    expect(await waiting).toMatch(/deployment "web" successfully rolled out/);
    await kubectl('delete', 'deploy', 'web');
  });

  it('prints logs', async () => {
    await kubectl('apply', '-f', await file('pod.yaml', pod('a')));
    expect(await kubectl('logs', 'a')).toBe('default/a/main says hello\n');
    await kubectl('delete', 'pod', 'a');
  });

  it('watches in tables', async () => {
    const watching = spawn('kubectl', ['get', 'cm', '-w'], {
      env: environment,
    });
    const lines = createInterface({ input: watching.stdout });
    const seen = lines[Symbol.asyncIterator]();
    await kubectl(
      'apply',
      '-f',
      await file('map.yaml', configMap('a', { x: '1' })),
    );
    expect((await seen.next()).value).toMatch(/^NAME +DATA +AGE$/);
    expect((await seen.next()).value).toMatch(/^a +1 +\d+s$/);
    await kubectl('patch', 'cm', 'a', '-p', '{"data":{"y":"2"}}');
    expect((await seen.next()).value).toMatch(/^a +2 +\d+s$/);
    watching.kill();
    await kubectl('delete', 'cm', 'a');
  });

  it('waits until what it deletes is gone', async () => {
    const labels = { labels: { purpose: 'deletion' } };
    const path = await file('two.yaml', pod('a', labels), pod('b', labels));
    await kubectl('apply', '-f', path);
    const deleted = await kubectl('delete', 'pod', '-l', 'purpose=deletion');
    // Newer versions add the namespace to each line.
    expect(deleted).toMatch(/^pod "a" deleted.*\npod "b" deleted.*\n$/);
    expect(await kubectl('get', 'pods', '-o', 'name')).toBe('');
  });

  it('says what the server says when it fails', async () => {
    await expect(kubectl('get', 'deploy', 'nothing')).rejects.toMatchObject({
      stderr:
        'Error from server (NotFound): deployments.apps "nothing" not found\n',
    });
    const path = await file('map.yaml', configMap('a'));
    await expect(
      kubectl('apply', '--server-side', '-f', path),
    ).rejects.toMatchObject({
      stderr: expect.stringContaining('Server-side apply not available'),
    });
  });
});

function kubeconfigOf({ url, token, caData }: ClusterUnderTest) {
  return {
    kind: 'Config',
    apiVersion: 'v1',
    clusters: [
      {
        name: 'simulator',
        cluster: { server: url, 'certificate-authority-data': caData },
      },
    ],
    users: [{ name: 'admin', user: { token } }],
    contexts: [
      { name: 'simulator', context: { cluster: 'simulator', user: 'admin' } },
    ],
    'current-context': 'simulator',
  };
}
