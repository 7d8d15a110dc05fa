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
      const deployment = (await build(path)).find(
        ({ kind }) => kind === 'Deployment',
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
