// SPDX-License-Identifier: Apache-2.0
import { createKustomize, Kustomize } from '@causeway/kustomize';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BuildError, Renderer } from './Renderer';
import { RenderingCache } from './RenderingCache';

jest.setTimeout(30_000);

const { signal } = new AbortController();
const configMap =
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {mode: plain}\n';

describe('Renderer', () => {
  let kustomize: Kustomize;
  let builds: number;
  let directory: string;

  beforeAll(() => {
    const real = createKustomize();
    kustomize = {
      build: (...input) => {
        builds += 1;
        return real.build(...input);
      },
      dispose: () => real.dispose(),
    };
  });
  afterAll(() => kustomize.dispose());
  beforeEach(async () => {
    builds = 0;
    directory = await mkdtemp(join(tmpdir(), 'renderings-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const render = (
    renderer: Renderer,
    files: Record<string, string>,
    path: string,
  ) => renderer.render(new Map(Object.entries(files)), path, signal);

  it('builds again only what a change can touch, also after a restart', async () => {
    const files = {
      'a/kustomization.yaml': 'resources: [../base]\nnamePrefix: a-\n',
      'b/kustomization.yaml': 'resources: [../base]\nnamePrefix: b-\n',
      'base/kustomization.yaml': 'resources: [one.yaml]\n',
      'base/one.yaml': configMap,
    };
    const first = new Renderer(kustomize, new RenderingCache(directory));
    const [{ metadata }] = (await render(first, files, './a')).manifests;
    expect(metadata.name).toBe('a-settings');
    await render(
      first,
      { ...files, 'b/kustomization.yaml': 'namePrefix: x-\n' },
      './a',
    );
    expect(builds).toBe(1);
    const second = new Renderer(kustomize, new RenderingCache(directory));
    await render(second, files, 'a');
    expect(builds).toBe(1);
    await render(
      second,
      { ...files, 'base/one.yaml': configMap.replace('plain', 'loud') },
      'a',
    );
    expect(builds).toBe(2);
  });

  it('follows files it could not foresee, and never serves what they made before', async () => {
    const files = {
      'a/kustomization.yaml':
        'resources: [one.yaml]\npatches: [{path: ../shared/patch.yaml}]\n',
      'a/one.yaml': configMap,
      'shared/patch.yaml': configMap.replace('plain', 'patched'),
    };
    const renderer = new Renderer(kustomize, new RenderingCache(directory));
    const before = await render(renderer, files, 'a');
    expect(before.manifests).toMatchObject([{ data: { mode: 'patched' } }]);
    const after = await render(
      renderer,
      { ...files, 'shared/patch.yaml': configMap.replace('plain', 'new') },
      'a',
    );
    expect(after.manifests).toMatchObject([{ data: { mode: 'new' } }]);
  });

  it('says which folder is missing, and what kustomize refuses', async () => {
    const renderer = new Renderer(kustomize);
    await expect(
      render(renderer, { 'a/x.yaml': configMap }, './b'),
    ).rejects.toThrow(
      new BuildError(
        'kustomization path not found: stat /tmp/source/b: no such file or directory',
      ),
    );
    await expect(
      render(
        renderer,
        { 'a/kustomization.yaml': 'resources: [gone.yaml]\n' },
        './a',
      ),
    ).rejects.toThrow(/^kustomize build failed: .*gone\.yaml/);
  });
});
