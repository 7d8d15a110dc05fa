// SPDX-License-Identifier: Apache-2.0
import { tmpdir } from 'node:os';
import { aCluster, TestCluster } from '../../testing/aCluster';
import { acceleratedScheduler, Scheduler } from '../../time/Scheduler';
import { RunningController } from '../runtime/Cluster';
import { Condition, conditionOf } from '../runtime/resources';
import { runControllers } from '../runControllers';
import { customResourceDefinitions } from './fluxDefinitions';
import { requestedAtAnnotation } from './fluxObjects';
import { helmDefinitions } from './helm/helmDefinitions';
import { helmReleases } from './helm/helmObjects';
import { imageDefinitions } from './image/imageDefinitions';
import { imagePolicies, imageRepositories } from './image/imageObjects';

const namespace = 'default';

describe('Flux objects that are only read', () => {
  let cluster: TestCluster;
  let scheduler: Scheduler;
  let controllers: RunningController;
  let tags = ['1.0.0', '1.1.0'];

  const why = (conditions: readonly Condition[] | undefined) =>
    conditionOf(conditions, 'Ready')?.reason;

  beforeAll(async () => {
    cluster = await aCluster();
    for (const one of [...helmDefinitions, ...imageDefinitions])
      await cluster.client.create(customResourceDefinitions, undefined, one);
    scheduler = acceleratedScheduler(50);
    controllers = await runControllers({
      kubeConfig: cluster.kubeConfig,
      scheduler,
      controllers: [],
      additional: ['helmrelease', 'image'],
      directory: tmpdir(),
      imageTags: async image => {
        if (image.endsWith('/none')) throw new Error('not found');
        return tags;
      },
      log: () => undefined,
    });
  });

  afterAll(async () => {
    await controllers.stop();
    scheduler.stop();
    await cluster.stop();
  });

  it('installs, upgrades, and rolls a failed upgrade back', async () => {
    const name = { namespace, name: 'shop' };
    const chart = (version: string) => ({
      chart: { spec: { chart: 'shop', version } },
    });
    const { client, until } = cluster;
    await client.create(helmReleases, namespace, {
      metadata: name,
      spec: {
        interval: '5m',
        ...chart('1.0.0'),
        upgrade: { remediation: { retries: 1 } },
      },
    });
    const installed = await until(
      helmReleases,
      name,
      ({ status }) => why(status?.conditions) === 'InstallSucceeded',
    );
    expect(conditionOf(installed.status?.conditions, 'Released')?.message).toBe(
      'Helm install succeeded for release default/shop.v1 with chart shop@1.0.0',
    );
    await client.patch(helmReleases, name, { spec: chart('1.1.0') });
    await until(
      helmReleases,
      name,
      ({ status }) => why(status?.conditions) === 'UpgradeSucceeded',
    );
    await client.patch(helmReleases, name, { spec: chart('1.2.0-bad') });
    const { status } = await until(
      helmReleases,
      name,
      object => why(object.status?.conditions) === 'RollbackSucceeded',
    );
    expect(
      status?.history?.map(one => [one.version, one.status, one.chartVersion]),
    ).toEqual([
      [4, 'deployed', '1.1.0'],
      [3, 'failed', '1.2.0-bad'],
      [2, 'superseded', '1.1.0'],
      [1, 'superseded', '1.0.0'],
    ]);
    expect(status).toMatchObject({
      upgradeFailures: 1,
      lastAttemptedRevision: '1.2.0-bad',
      lastAttemptedReleaseAction: 'upgrade',
    });
    expect(conditionOf(status?.conditions, 'Ready')?.status).toBe('False');
  });

  it('resolves the latest image of a policy, and the next one', async () => {
    const { client, until } = cluster;
    const repository = { namespace, name: 'shop' };
    await client.create(imagePolicies, namespace, {
      metadata: repository,
      spec: {
        imageRepositoryRef: { name: 'shop' },
        policy: { semver: { range: '1.x' } },
      },
    });
    await until(
      imagePolicies,
      repository,
      ({ status }) => why(status?.conditions) === 'DependencyNotReady',
    );
    await client.create(imageRepositories, namespace, {
      metadata: repository,
      spec: { image: 'registry.example.com/shop', interval: '10m' },
    });
    await until(
      imagePolicies,
      repository,
      ({ status }) => status?.latestRef?.tag === '1.1.0',
    );
    tags = [...tags, '1.2.0'];
    await client.patch(imageRepositories, repository, {
      metadata: { annotations: { [requestedAtAnnotation]: 'now' } },
    });
    const { status } = await until(
      imagePolicies,
      repository,
      object => object.status?.latestRef?.tag === '1.2.0',
    );
    expect(status?.observedPreviousRef?.tag).toBe('1.1.0');
    expect(conditionOf(status?.conditions, 'Ready')?.message).toBe(
      'Latest image tag for registry.example.com/shop updated from 1.1.0 to 1.2.0',
    );
  });

  it('says when a registry cannot be read', async () => {
    const name = { namespace, name: 'none' };
    await cluster.client.create(imageRepositories, namespace, {
      metadata: name,
      spec: { image: 'registry.example.com/none', interval: '10m' },
    });
    const { status } = await cluster.until(
      imageRepositories,
      name,
      object => why(object.status?.conditions) === 'ReadOperationFailed',
    );
    expect(status?.lastScanResult).toBeUndefined();
  });
});
