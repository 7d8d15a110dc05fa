// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Account } from '../../forge/accounts';
import { RunningForge, startForge } from '../../forge/startForge';
import { aCluster, TestCluster } from '../../testing/aCluster';
import {
  Namer,
  Observed,
  recorded,
  State,
  stateOf,
  withoutRepeats,
} from '../../testing/fluxStates';
import { RunningController } from '../runtime/Cluster';
import { conditionOf, KubernetesObject, Resource } from '../runtime/resources';
import { runControllers } from '../runControllers';
import { simulatedNodeLabel } from '../workloads/kubeletController';
import { namespaces, nodes } from '../workloads/workloads';
import { customResourceDefinitions, fluxDefinitions } from './fluxDefinitions';
import {
  gitRepositories,
  kustomizations,
  requestedAtAnnotation,
} from './fluxObjects';

jest.setTimeout(60_000);

const account: Account = {
  id: 1,
  login: 'flux',
  fullName: 'Flux',
  email: 'flux@norden.example',
  role: 'administrator',
};
const password = 'secret';
const configMaps: Resource = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
};
const secrets: Resource = {
  apiVersion: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
};

describe('Flux, driven through the recorded steps', () => {
  let directory: string;
  let forge: RunningForge;
  let cluster: TestCluster;
  let controllers: RunningController;
  let namer: Namer;
  let seen: State[];

  const watchStates = (resource: Resource<Observed>) =>
    cluster.record(resource, ({ metadata, status }) => {
      seen.push(stateOf(resource.kind, metadata.name, status, namer));
    });

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'flux-'));
    const clock = () => new Date();
    forge = await startForge({
      directory: join(directory, 'forge'),
      port: 0,
      accounts: [account],
      password,
      clock,
    });
    cluster = await aCluster();
    namer = new Namer();
    seen = [];
    for (const definition of fluxDefinitions)
      await cluster.client.create(
        customResourceDefinitions,
        undefined,
        definition,
      );
    for (const name of ['flux-system', 'flux-apps']) {
      await cluster.client.create(namespaces, undefined, {
        metadata: { name },
      });
    }
    await cluster.client.create(nodes, undefined, {
      metadata: { name: 'one', labels: { [simulatedNodeLabel]: '' } },
    });
    await watchStates(gitRepositories);
    await watchStates(kustomizations);
    controllers = await runControllers({
      kubeConfig: cluster.kubeConfig,
      directory: join(directory, 'mirrors'),
      podTimes: { start: 20, stop: 10 },
      healthInterval: 50,
      log: () => undefined,
    });
  });

  afterEach(async () => {
    await controllers.stop();
    await cluster.stop();
    await forge.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const states = (kind: string, name: string) =>
    withoutRepeats(seen.filter(({ object }) => object === `${kind}/${name}`));
  const inFlux = (name: string) => ({ namespace: 'flux-system', name });

  async function push(
    name: string,
    files: Record<string, string | undefined>,
    message: string,
  ): Promise<string> {
    const repository =
      forge.forge.repository(`norden/${name}`) ??
      (await forge.forge.createRepository({
        owner: 'norden',
        name,
        description: '',
      }));
    const parent = await repository.git.resolve('main');
    const [sha] = await repository.git.write([
      {
        branch: 'main',
        author: forge.forge.signatureOf(account),
        message,
        parent,
        changes: Object.entries(files).map(([path, content]) => ({
          path,
          content,
        })),
      },
    ]);
    namer.name(sha);
    return `main@sha1:${sha}`;
  }

  const follow = (name: string, spec: object = {}) =>
    cluster.client.create(gitRepositories, 'flux-system', {
      metadata: inFlux(name),
      spec: {
        interval: '10m',
        url: `${forge.url}/norden/${name}.git`,
        ref: { branch: 'main' },
        timeout: '10s',
        ...spec,
      },
    });
  const kustomize = (name: string, spec: object = {}) =>
    cluster.client.create(kustomizations, 'flux-system', {
      metadata: inFlux(name),
      spec: {
        interval: '10m',
        path: './apps',
        prune: true,
        sourceRef: { kind: 'GitRepository', name },
        ...spec,
      },
    });
  const poke = (resource: Resource, name: string) =>
    cluster.client.patch(resource, inFlux(name), {
      metadata: {
        annotations: {
          [requestedAtAnnotation]: String(process.hrtime.bigint()),
        },
      },
    });
  const suspend = (resource: Resource, name: string, value: boolean) =>
    cluster.client.patch(resource, inFlux(name), { spec: { suspend: value } });
  const applied = (name: string, revision: string) =>
    cluster.until(
      kustomizations,
      inFlux(name),
      ({ status }) =>
        status?.lastAppliedRevision === revision &&
        conditionOf(status.conditions, 'Ready')?.status === 'True',
    );
  const stored = (name: string, revision: string) =>
    cluster.until(
      gitRepositories,
      inFlux(name),
      ({ status }) => status?.artifact?.revision === revision,
    );
  const readyBecause = (
    resource: Resource<Observed>,
    name: string,
    reason: string,
  ) =>
    cluster.until(
      resource,
      inFlux(name),
      ({ status }) =>
        conditionOf(status?.conditions, 'Ready')?.reason === reason,
    );

  const deployment = (
    name: string,
    image: string,
    extra = '',
  ) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: flux-apps}
spec:
  replicas: 2
  progressDeadlineSeconds: 600
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      ${extra}
      containers: [{name: c, image: "${image}"}]
`;
  const kustomization = (resources: string) =>
    `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [${resources}]\n`;
  const base = (name: string, image = 'ex/app:v1') => ({
    'apps/kustomization.yaml': kustomization('deploy.yaml'),
    'apps/deploy.yaml': deployment(name, image),
  });
  const boot = async (
    name: string,
    files: Record<string, string> = base(name),
  ) => {
    const revision = await push(name, files, 'v1');
    await follow(name);
    await kustomize(name);
    await applied(name, revision);
  };
  const image = async (name: string) => {
    const resource = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      plural: 'deployments',
      namespaced: true,
    };
    const object = await cluster.client.get(
      resource as Resource<
        KubernetesObject & {
          spec: { template: { spec: { containers: { image: string }[] } } };
        }
      >,
      {
        namespace: 'flux-apps',
        name,
      },
    );
    return object?.spec.template.spec.containers[0].image;
  };

  it('normal: a first and a second commit', async () => {
    await boot('normal');
    const revision = await push('normal', base('normal', 'ex/app:v2'), 'v2');
    await poke(gitRepositories, 'normal');
    await applied('normal', revision);
    expect(await image('normal')).toBe('ex/app:v2');
    // The recording waits for the interval; here the commit is asked for, which adds a request and its receipt.
    const unasked = states('GitRepository', 'normal')
      .filter(
        ({ conditions }) =>
          !conditions.some(text => text.endsWith('reconciliation in progress')),
      )
      .map(state => ({ ...state, handled: false }));
    expect(withoutRepeats(unasked)).toEqual(
      await recorded('flux-normal.jsonl', 'GitRepository', 'normal'),
    );
    expect(states('Kustomization', 'normal')).toEqual(
      await recorded('flux-normal.jsonl', 'Kustomization', 'normal'),
    );
  });

  it('buildfail: a broken manifest keeps the old revision until the next commit', async () => {
    await boot('buildfail');
    await push(
      'buildfail',
      {
        'apps/deploy.yaml':
          'apiVersion: apps/v1\nkind: Deployment\n  metadata: [broken\n',
      },
      'bad yaml',
    );
    await poke(gitRepositories, 'buildfail');
    await readyBecause(kustomizations, 'buildfail', 'BuildFailed');
    const fix = await push('buildfail', base('buildfail', 'ex/app:v2'), 'fix');
    await poke(gitRepositories, 'buildfail');
    await applied('buildfail', fix);
    expect(states('Kustomization', 'buildfail')).toEqual(
      await recorded('flux-buildfail.jsonl', 'Kustomization', 'buildfail'),
    );
  });

  it('suspend: first the Kustomization, then the repository', async () => {
    await boot('suspend');
    await suspend(kustomizations, 'suspend', true);
    const second = await push('suspend', base('suspend', 'ex/app:v2'), 'v2');
    await cluster.until(
      kustomizations,
      inFlux('suspend'),
      ({ status }) => status?.observedGeneration === 2,
    );
    await poke(gitRepositories, 'suspend');
    await stored('suspend', second);
    await poke(kustomizations, 'suspend');
    await cluster.until(
      kustomizations,
      inFlux('suspend'),
      ({ status }) => status?.lastHandledReconcileAt !== undefined,
    );
    expect(await image('suspend')).toBe('ex/app:v1');
    await suspend(kustomizations, 'suspend', false);
    await applied('suspend', second);
    await suspend(gitRepositories, 'suspend', true);
    await cluster.until(
      gitRepositories,
      inFlux('suspend'),
      ({ status }) => status?.observedGeneration === 2,
    );
    const third = await push('suspend', base('suspend', 'ex/app:v3'), 'v3');
    await suspend(gitRepositories, 'suspend', false);
    await applied('suspend', third);
    expect(states('Kustomization', 'suspend')).toEqual(
      await recorded('flux-suspend.jsonl', 'Kustomization', 'suspend'),
    );
    const unasked = states('GitRepository', 'suspend')
      .filter(
        ({ conditions }) =>
          !conditions.some(text => text.endsWith('reconciliation in progress')),
      )
      .map(state => ({ ...state, handled: false }));
    expect(withoutRepeats(unasked)).toEqual(
      await recorded('flux-suspend.jsonl', 'GitRepository', 'suspend'),
    );
  });

  it('prune: what a commit drops is deleted', async () => {
    const cm =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: prune-cm, namespace: flux-apps}\ndata: {a: b}\n';
    await boot('prune', {
      ...base('prune'),
      'apps/kustomization.yaml': kustomization('deploy.yaml, cm.yaml'),
      'apps/cm.yaml': cm,
    });
    const target = { namespace: 'flux-apps', name: 'prune-cm' };
    expect(await cluster.client.get(configMaps, target)).toBeDefined();
    const second = await push(
      'prune',
      {
        'apps/kustomization.yaml': kustomization('deploy.yaml'),
        'apps/cm.yaml': undefined,
      },
      'drop configmap',
    );
    await poke(gitRepositories, 'prune');
    await applied('prune', second);
    expect(await cluster.client.get(configMaps, target)).toBeUndefined();
    expect(states('Kustomization', 'prune')).toEqual(
      await recorded('flux-prune.jsonl', 'Kustomization', 'prune'),
    );
  });

  it('authfail: a missing and a wrong secret, seen only on the repository', async () => {
    const name = 'private-auth';
    await push(name, base(name), 'v1');
    await follow(name, { secretRef: { name: 'cred' } });
    await kustomize(name);
    await readyBecause(gitRepositories, name, 'AuthenticationFailed');
    const data = (text: string) => ({
      username: Buffer.from('flux').toString('base64'),
      password: Buffer.from(text).toString('base64'),
    });
    await cluster.client.create(secrets, 'flux-system', {
      metadata: inFlux('cred'),
      data: data('wrong'),
    });
    await readyBecause(gitRepositories, name, 'GitOperationFailed');
    await cluster.client.patch(secrets, inFlux('cred'), {
      data: data(password),
    });
    await readyBecause(gitRepositories, name, 'Succeeded');
    await cluster.until(
      kustomizations,
      inFlux(name),
      ({ status }) => status?.lastAppliedRevision !== undefined,
    );
    await cluster.client.patch(secrets, inFlux('cred'), {
      data: data('expired'),
    });
    const second = await push(name, base(name, 'ex/app:v2'), 'v2');
    await poke(gitRepositories, name);
    await readyBecause(gitRepositories, name, 'GitOperationFailed');
    expect(await image(name)).toBe('ex/app:v1');
    await cluster.client.patch(secrets, inFlux('cred'), {
      data: data(password),
    });
    await applied(name, second);
    const real = await recorded('flux-authfail.jsonl', 'GitRepository', name);
    // How often it is tried depends on when the secret is repaired, so each state counts once.
    const once = (list: readonly State[]) => [
      ...new Set(
        list.map(state => JSON.stringify({ ...state, handled: false })),
      ),
    ];
    const unasked = states('GitRepository', name).filter(
      ({ conditions, artifact }) =>
        !(
          artifact &&
          conditions.some(text =>
            text.startsWith(
              'Reconciling=True/Progressing/1: reconciliation in progress',
            ),
          )
        ),
    );
    expect(once(unasked)).toEqual(once(real));
    expect(states('Kustomization', name)).toEqual(
      await recorded('flux-authfail.jsonl', 'Kustomization', name),
    );
  });

  it('dependson: waits for another Kustomization to be ready, and for its health', async () => {
    await push('dependson', base('dependson'), 'v1');
    await follow('dependson');
    await kustomize('dependson', { dependsOn: [{ name: 'dep-a' }] });
    await readyBecause(kustomizations, 'dependson', 'DependencyNotReady');
    await push(
      'dep-a',
      {
        ...base('dep-a'),
        'apps/deploy.yaml': deployment(
          'dep-a',
          'ex/app:v1',
          'nodeSelector: {no: where}',
        ),
      },
      'a v1',
    );
    await follow('dep-a');
    await kustomize('dep-a', {
      wait: true,
      timeout: '30s',
      retryInterval: '10s',
    });
    await cluster.until(
      kustomizations,
      inFlux('dep-a'),
      ({ status }) =>
        conditionOf(status?.conditions, 'Healthy')?.status === 'Unknown',
    );
    await poke(kustomizations, 'dependson');
    await cluster.until(
      kustomizations,
      inFlux('dependson'),
      ({ status }) =>
        conditionOf(status?.conditions, 'Ready')?.message?.endsWith(
          'is not ready',
        ) ?? false,
    );
    // A node that fits ends the wait; the recording repairs it by a commit after the timeout.
    await cluster.client.create(nodes, undefined, {
      metadata: {
        name: 'two',
        labels: { [simulatedNodeLabel]: '', no: 'where' },
      },
    });
    await readyBecause(kustomizations, 'dep-a', 'ReconciliationSucceeded');
    await cluster.until(
      kustomizations,
      inFlux('dep-a'),
      ({ status }) => status?.observedGeneration === 1,
    );
    await poke(kustomizations, 'dependson');
    await readyBecause(kustomizations, 'dependson', 'ReconciliationSucceeded');
    await cluster.until(
      kustomizations,
      inFlux('dependson'),
      ({ status }) => status?.observedGeneration === 1,
    );
    const unasked = states('Kustomization', 'dependson').map(state => ({
      ...state,
      handled: false,
    }));
    expect(withoutRepeats(unasked)).toEqual(
      await recorded('flux-dependson.jsonl', 'Kustomization', 'dependson'),
    );
    const real = await recorded(
      'flux-dependson.jsonl',
      'Kustomization',
      'dep-a',
    );
    const untilHealthy = (list: readonly State[]) =>
      list.slice(
        0,
        list.findIndex(({ conditions }) =>
          conditions.some(text => text.startsWith('Healthy=Unknown')),
        ) + 1,
      );
    expect(
      untilHealthy(states('Kustomization', 'dep-a')).map(
        ({ conditions }) => conditions,
      ),
    ).toEqual(untilHealthy(real).map(({ conditions }) => conditions));
  });
});
