// SPDX-License-Identifier: Apache-2.0
import { createKustomize, type Kustomize } from '@causeway/kustomize';
import { parseAllDocuments } from 'yaml';
import { fleetFiles } from './fleetRepository';
import { clusters, services, variantsIn } from './services';

jest.setTimeout(30_000);

describe('the fleet repository of the demo', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const files = Object.fromEntries(
    fleetFiles({
      fleetUrl: 'http://127.0.0.1:7100/norden/fleet',
      digestOf: () => digest,
    }).map(({ path, content }) => [path, String(content)]),
  );
  let kustomize: Kustomize;

  beforeAll(() => {
    kustomize = createKustomize();
  });
  afterAll(() => kustomize.dispose());

  async function build(path: string) {
    const rendered = await kustomize.build({ files, path });
    return parseAllDocuments(rendered).map(document => document.toJS());
  }

  it.each(clusters)('deploys to %s what Flux is told to', async cluster => {
    const objects = await build(`clusters/${cluster}`);
    const paths = objects
      .filter(({ kind }) => kind === 'Kustomization')
      .map(({ spec }) => String(spec.path).replace('./', ''))
      .filter(path => path.startsWith('services/'));
    const expected = services
      .filter(service => service.deployed[cluster])
      .flatMap(() => variantsIn(cluster));
    expect(paths).toHaveLength(expected.length);

    for (const path of paths) {
      const deployment = (await build(path)).find(({ kind }) =>
        ['Deployment', 'DaemonSet'].includes(kind),
      );
      const service = services.find(({ name }) =>
        path.startsWith(`services/${name}/`),
      )!;
      const [container] = deployment.spec.template.spec.containers;
      expect(container.image).toBe(
        `registry.norden.example/${service.name}:${service.deployed[cluster]}@${digest}`,
      );
      expect(deployment.metadata.namespace).toBe(service.system);
      expect(deployment.spec.template.metadata.labels).toMatchObject(
        deployment.spec.selector.matchLabels,
      );
    }
  });

  it('puts a service with a wave on every device of a kind, which keeps its pod until somebody deletes it', async () => {
    const objects = await build(
      'services/belt-control/overlays/edge-production/jetson',
    );
    expect(objects).toHaveLength(1);
    expect(objects[0]).toMatchObject({
      kind: 'DaemonSet',
      metadata: { name: 'belt-control-jetson', namespace: 'sorting' },
      spec: {
        updateStrategy: { type: 'OnDelete' },
        template: {
          spec: { nodeSelector: { 'causeway.dev/device': 'jetson' } },
        },
      },
    });
  });

  it('gives a service on blue/green two places, one of them without pods', async () => {
    const objects = await build(
      'services/arrival-times/overlays/cloud-production',
    );
    const shown = objects.map(({ kind, metadata, spec }) => [
      kind,
      metadata.name,
      spec.replicas ?? spec.selector?.['causeway.dev/colour'],
    ]);
    expect(shown).toEqual(
      expect.arrayContaining([
        ['Service', 'arrival-times', 'blue'],
        ['Service', 'arrival-times-green', 'green'],
        ['Deployment', 'arrival-times-blue', 2],
        ['Deployment', 'arrival-times-green', 0],
        ['Job', 'arrival-times-smoke-blue', undefined],
      ]),
    );
  });

  it('keeps the variants of edge production apart', async () => {
    const names = await Promise.all(
      ['jetson', 'raspberry-pi'].map(async variant => {
        const objects = await build(
          `services/parcel-vision/overlays/edge-production/${variant}`,
        );
        const deployment = objects.find(({ kind }) => kind === 'Deployment');
        expect(deployment.spec.template.spec.nodeSelector).toEqual({
          'causeway.dev/device': variant,
        });
        expect(deployment.spec.selector.matchLabels).toMatchObject({
          'causeway.dev/variant': variant,
        });
        return deployment.metadata.name;
      }),
    );
    expect(names).toEqual([
      'parcel-vision-jetson',
      'parcel-vision-raspberry-pi',
    ]);
  });
});
