// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repository } from '../surroundings/NodeProcess';
import { askLauncher } from './askLauncher';

const run = promisify(execFile);

type Environment = Readonly<Record<string, string>>;

const byDefault = {
  simulation: true,
  platform: 'k3s',
  deviceManagement: 'kubeedge',
  cuda: true,
  offline: false,
};

describe('the flags of the launcher', () => {
  it('have a default, take either case, and are said to be wrong in one sentence', async () => {
    const cases: readonly [Environment, object | string][] = [
      [{}, byDefault],
      [{ EDGE_PLATFORM: '', EDGE_OFFLINE_MODE: ' ' }, byDefault],
      [
        {
          EDGE_SIMULATION_MODE: 'TRUE',
          EDGE_PLATFORM: 'KubeEdge',
          DEVICE_MANAGEMENT: 'None',
          JETSON_CUDA_SUPPORT: 'false',
          EDGE_OFFLINE_MODE: ' true ',
        },
        {
          simulation: true,
          platform: 'kubeedge',
          deviceManagement: 'none',
          cuda: false,
          offline: true,
        },
      ],
      [{ EDGE_SIMULATION_MODE: 'false' }, { ...byDefault, simulation: false }],
      [
        { EDGE_SIMULATION_MODE: 'off' },
        'Failure: EDGE_SIMULATION_MODE must be true or false, not off.',
      ],
      [
        { EDGE_PLATFORM: 'docker' },
        'Failure: EDGE_PLATFORM must be k3s or kubeedge, not docker.',
      ],
      [
        { DEVICE_MANAGEMENT: 'true' },
        'Failure: DEVICE_MANAGEMENT must be kubeedge or none, not true.',
      ],
      [
        { JETSON_CUDA_SUPPORT: 'yes' },
        'Failure: JETSON_CUDA_SUPPORT must be true or false, not yes.',
      ],
      [
        { EDGE_OFFLINE_MODE: '1' },
        'Failure: EDGE_OFFLINE_MODE must be false or true, not 1.',
      ],
      [
        { EDGE_SIMULATION_MODE: 'false', EDGE_OFFLINE_MODE: 'true' },
        'Failure: EDGE_OFFLINE_MODE=true takes simulated devices off the network, and EDGE_SIMULATION_MODE=false leaves none. Leave one of them out.',
      ],
    ];
    const outcomes = await askLauncher(
      'flags.mjs',
      'launcher.readFlags',
      cases.map(([environment]) => environment),
    );
    expect(outcomes).toEqual(
      cases.map(([, wanted]) =>
        typeof wanted === 'string' ? { failure: wanted } : { result: wanted },
      ),
    );
  });

  it('become scenarios that run from the beginning', async () => {
    const cases = [
      { ...byDefault },
      { ...byDefault, offline: true, cuda: false, platform: 'kubeedge' },
    ];
    const outcomes = await askLauncher(
      'flags.mjs',
      'launcher.environmentOfFlags',
      cases,
    );
    expect(outcomes).toEqual([
      {
        result: {
          CAUSEWAY_SIMULATION_PLATFORM: 'k3s',
          CAUSEWAY_SIMULATION_DEVICE_MANAGEMENT: 'kubeedge',
          CAUSEWAY_SIMULATION_SCENARIOS: '[]',
        },
      },
      {
        result: expect.objectContaining({
          CAUSEWAY_SIMULATION_PLATFORM: 'kubeedge',
          CAUSEWAY_SIMULATION_SCENARIOS: JSON.stringify([
            { scenario: 'offline', parameters: { percentage: 20 } },
            { scenario: 'gpu-lost' },
          ]),
        }),
      },
    ]);
  });

  it('stop npm start before anything is started when one is wrong', async () => {
    const data = await mkdtemp(join(tmpdir(), 'causeway-flags-'));
    const started = run(process.execPath, ['launcher/start.mjs'], {
      cwd: repository,
      env: {
        PATH: process.env.PATH,
        CAUSEWAY_DATA: data,
        EDGE_PLATFORM: 'docker',
      },
    });
    await expect(started).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: '\nEDGE_PLATFORM must be k3s or kubeedge, not docker.\n',
    });
    expect(await readdir(data)).toEqual([]);
    await rm(data, { recursive: true });
  });
});

describe('without simulation', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'causeway-local-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  it('a local configuration must name clusters and a fleet repository', async () => {
    const complete = `
kubernetes:
  clusterLocatorMethods: [{ type: config, clusters: [] }]
delivery: { fleet: { repository: https://forge.example/norden/fleet } }
`;
    const cases: readonly [string | undefined, RegExp][] = [
      [undefined, /and none is configured\. Write app-config\.local\.yaml/],
      [
        '',
        /has no kubernetes\.clusterLocatorMethods and no delivery\.fleet\.repository\. Write/,
      ],
      [
        'kubernetes: { clusterLocatorMethods: [] }\ndelivery: { fleet: { repository: x } }',
        /has no kubernetes\.clusterLocatorMethods\. Write/,
      ],
      ['kubernetes: [', /app-config\.local\.yaml cannot be read: /],
      [complete, /^accepted$/],
    ];
    const files = await Promise.all(
      cases.map(async ([content], index) => {
        const file = join(directory, `${index}.yaml`);
        if (content !== undefined) await writeFile(file, content);
        return file;
      }),
    );
    const outcomes = await askLauncher(
      'configuration.mjs',
      'launcher.requireClusters',
      files,
    );
    const sentences = outcomes.map(outcome =>
      'failure' in outcome ? outcome.failure : 'accepted',
    );
    expect(sentences).toEqual(
      cases.map(([, sentence]) => expect.stringMatching(sentence)),
    );
  });
});

describe('a simulated world with more clusters', () => {
  it('is counted by its variable, which is said to be wrong in one sentence', async () => {
    const environments: readonly Environment[] = [
      {},
      { CAUSEWAY_SIMULATION_CLUSTERS: '' },
      { CAUSEWAY_SIMULATION_CLUSTERS: '20' },
      { CAUSEWAY_SIMULATION_CLUSTERS: '3' },
    ];
    const outcomes = await askLauncher(
      'simulatedClusters.mjs',
      'launcher.countOfClusters',
      environments,
    );
    const failure =
      'Failure: CAUSEWAY_SIMULATION_CLUSTERS must be a whole number from 4, not 3.';
    expect(outcomes).toEqual([
      { result: 4 },
      { result: 4 },
      { result: 20 },
      { failure },
    ]);
  });

  it('is configured for the portal, each cluster on the next port', async () => {
    const data = await mkdtemp(join(tmpdir(), 'causeway-clusters-'));
    const usual = join(repository, 'app-config.simulation.yaml');
    const outcomes = await askLauncher(
      'simulatedClusters.mjs',
      `ports => launcher.configurationOfClusters(${JSON.stringify(
        usual,
      )}, { data: ${JSON.stringify(data)}, clusterPorts: ports })`,
      [
        [1, 2, 3, 4],
        [1, 2, 3, 4, 5, 6],
      ],
    );
    const [file] = await readdir(data);
    expect(outcomes).toEqual([{ result: [] }, { result: [join(data, file)] }]);
    const written = await readFile(join(data, file), 'utf8');
    const found = (field: string) =>
      [...written.matchAll(new RegExp(`${field}: (.*)`, 'g'))].map(
        ([, value]) => value,
      );
    expect(found(' - name')).toEqual([
      'cloud-staging',
      'cloud-production',
      'edge-staging',
      'edge-production',
      'edge-production-2',
      'edge-production-3',
    ]);
    expect(found('url').slice(3)).toEqual([
      // Of a usual cluster the variable is read when the portal starts.
      'https://127.0.0.1:${CAUSEWAY_EDGE_PRODUCTION_PORT}',
      'https://127.0.0.1:5',
      'https://127.0.0.1:6',
    ]);
    expect(new Set(found('serviceAccountToken'))).toEqual(
      new Set(['${CAUSEWAY_CLUSTER_TOKEN}']),
    );
    await rm(data, { recursive: true });
  });
});
