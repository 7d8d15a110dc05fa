// SPDX-License-Identifier: Apache-2.0
import { mockServices } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { NotFoundError } from '@backstage/errors';
import { ScmIntegrations } from '@backstage/integration';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { CatalogServices } from '../catalog/CatalogServices';
import { CatalogPipelines } from './CatalogPipelines';

const forge = 'http://127.0.0.1:7100/norden';

function component(name: string, annotations: Record<string, string>): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name, namespace: 'default', annotations },
    spec: { type: 'service', system: 'sorting', owner: 'team-vision' },
    relations: [{ type: 'ownedBy', targetRef: 'group:default/team-vision' }],
  };
}

const documentOf = (cluster: string) => `apiVersion: causeway.dev/v1
kind: Pipeline
images: [registry.norden.example/parcel-vision]
stages:
  - { name: cloud-staging, kind: cloud, targets: [${cluster}] }
`;

/** A forge with files, a catalog and a clock that the test owns. */
function world() {
  const files = new Map<string, string>([
    [
      `${forge}/parcel-vision/src/branch/main/delivery.yaml`,
      documentOf('cloud-staging'),
    ],
  ]);
  const entities = [
    component('parcel-vision', {
      'backstage.io/source-location': `url:${forge}/parcel-vision/src/branch/main/`,
      'causeway.dev/pipeline': './delivery.yaml',
    }),
    component('label-api', {
      'backstage.io/managed-by-location': 'file:/somewhere',
      'causeway.dev/pipeline': './delivery.yaml',
    }),
    component('plain', {}),
  ];
  const state = {
    now: new Date('2026-05-07T14:32:00.000Z'),
    clusters: undefined as readonly string[] | undefined,
    reads: 0,
  };
  const pipelines = new CatalogPipelines({
    services: new CatalogServices({
      catalog: catalogServiceMock({ entities }),
      auth: mockServices.auth(),
      integrations: ScmIntegrations.fromConfig(
        mockServices.rootConfig({
          data: {
            integrations: {
              gitea: [
                { host: '127.0.0.1:7100', baseUrl: 'http://127.0.0.1:7100' },
              ],
            },
          },
        }),
      ),
      clock: () => state.now,
    }),
    reader: {
      readUrl: async url => {
        state.reads += 1;
        const text = files.get(url);
        if (text === undefined) throw new NotFoundError('gone');
        return { buffer: async () => Buffer.from(text) };
      },
    },
    clusters: () => state.clusters,
    probes: ['belt-moves'],
    fleet: { repository: `${forge}/fleet`, branch: 'main' },
    clock: () => state.now,
    logger: mockServices.logger.mock(),
  });
  const url = `${forge}/parcel-vision/src/branch/main/delivery.yaml`;
  return { files, state, pipelines, url };
}

const service = 'component:default/parcel-vision';

describe('CatalogPipelines', () => {
  it('reads the document beside the service, with the namespace of its system', async () => {
    const { pipelines, url } = world();
    await pipelines.refresh();
    expect(await pipelines.get(service)).toMatchObject({
      state: 'valid',
      url,
      pipeline: {
        fleet: { repository: `${forge}/fleet`, branch: 'main' },
        stages: [{ targets: [{ workload: { namespace: 'sorting' } }] }],
      },
    });
    expect(pipelines.list().map(pipeline => pipeline.service)).toEqual([
      service,
    ]);
  });

  it('tells apart no pipeline, no service and a pipeline that can not be found', async () => {
    const { pipelines } = world();
    expect(await pipelines.get('component:default/plain')).toBeUndefined();
    expect(await pipelines.get('component:default/none')).toBeUndefined();
    expect(await pipelines.get('component:default/label-api')).toEqual({
      state: 'unreadable',
      message: expect.stringContaining('no source location that is a URL'),
    });
  });

  it('knows the probes of the portal', async () => {
    const { pipelines, files, url } = world();
    const wave = (probe: string) =>
      documentOf('cloud-staging').replace(
        ' }\n',
        `, strategy: { wave: { health: { pi: { job: { probe: ${probe} } } } } } }\n`,
      );
    files.set(url, wave('belt-stops'));
    await pipelines.refresh();
    expect(await pipelines.get(service)).toMatchObject({
      state: 'invalid',
      problems: [{ code: 'unknownProbe', line: 5 }],
    });
    files.set(url, wave('belt-moves'));
    await pipelines.refresh();
    expect(await pipelines.get(service)).toMatchObject({ state: 'valid' });
  });

  it('keeps the last good document while the newest is broken, and says so', async () => {
    const { pipelines, files, url } = world();
    await pipelines.refresh();
    files.set(url, 'stages: [');
    const told: string[] = [];
    pipelines.subscribe(change => told.push(change.service));
    await pipelines.refreshRepository(`${forge}/parcel-vision`);
    expect(await pipelines.get(service)).toMatchObject({
      state: 'valid',
      newer: { problems: [{ code: 'syntax', line: 1 }] },
    });
    expect(told).toEqual([service]);

    files.delete(url);
    await pipelines.refresh(service);
    expect(await pipelines.get(service)).toMatchObject({
      state: 'valid',
      newer: { problems: [{ code: 'unreadable' }, { code: 'syntax' }] },
    });

    files.set(url, documentOf('cloud-staging'));
    await pipelines.refresh(service);
    expect(await pipelines.get(service)).not.toHaveProperty('newer');
  });

  it('is invalid when there never was a good one', async () => {
    const { pipelines, files, url } = world();
    files.set(url, 'kind: Pipeline');
    expect(await pipelines.get(service)).toMatchObject({
      state: 'invalid',
      problems: expect.arrayContaining([
        expect.objectContaining({ code: 'missing' }),
      ]),
    });
    expect(pipelines.list()).toEqual([]);
  });

  it('judges cluster names once the portal knows its clusters, without reading again', async () => {
    const { pipelines, state } = world();
    await pipelines.refresh();
    const { reads } = state;
    state.clusters = ['cloud-stagin'];
    expect(await pipelines.get(service)).toMatchObject({
      state: 'invalid',
      problems: [{ code: 'unknownCluster', line: 5 }],
    });
    state.clusters = ['cloud-staging'];
    expect(await pipelines.get(service)).toMatchObject({ state: 'valid' });
    expect(state.reads).toBe(reads);
  });

  it('reads by itself only what was not read for a minute', async () => {
    const { pipelines, state } = world();
    await pipelines.refreshDue();
    state.now = new Date(state.now.getTime() + 59_000);
    await pipelines.refreshDue();
    expect(state.reads).toBe(1);
    state.now = new Date(state.now.getTime() + 2_000);
    await pipelines.refreshDue();
    expect(state.reads).toBe(2);
  });
});
