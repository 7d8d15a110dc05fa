// SPDX-License-Identifier: Apache-2.0

import { createKustomize, type KustomizeInput } from './index';

const base = {
  'base/kustomization.yaml': 'resources: [settings.yaml]\n',
  'base/settings.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  level: info\n',
};

/** An overlay over the base, with the given kustomization. */
function overlay(
  kustomization: string,
  files: Record<string, string> = {},
): KustomizeInput {
  return {
    files: {
      ...base,
      'overlays/x/kustomization.yaml': kustomization,
      ...files,
    },
    path: 'overlays/x',
  };
}

const plain = overlay('resources: [../../base]\n');

/** Aliases that double at every line: 2^25 values, more than any machine waits for. */
const endless = overlay('resources: [../../base]\n', {
  'base/settings.yaml': [
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\na0: &a0 {x: y}',
    ...Array.from(
      { length: 25 },
      (_, i) => `a${i + 1}: &a${i + 1} {p: *a${i}, q: *a${i}}`,
    ),
  ].join('\n'),
});

describe('createKustomize', () => {
  const kustomize = createKustomize();
  afterAll(() => kustomize.dispose());

  const failure = (
    input: KustomizeInput,
    options?: Parameters<typeof kustomize.build>[1],
  ) =>
    kustomize.build(input, options).then(
      output => Promise.reject(new Error(`built, but should not:\n${output}`)),
      error => error,
    );

  it('builds a Map as well as a record, and a path as Flux writes it', async () => {
    const built = await kustomize.build(plain);
    expect(built).toContain('name: settings');
    const files = new Map(Object.entries(plain.files));
    expect(await kustomize.build({ files, path: './overlays/x/' })).toBe(built);
  });

  it.each([
    'https://example.com/base.yaml',
    'http://example.com/base.yaml',
    'git::https://example.com/team/base',
    'https://github.com/team/base//overlays?ref=v1',
    'github.com/team/base',
    'git@github.com:team/base.git',
    'ssh://git@example.com/team/base.git',
    'file:///etc/kubernetes',
  ])(
    'refuses the remote base %s and names the file that wants it',
    async reference => {
      for (const field of ['resources', 'components', 'bases']) {
        const error = await failure(overlay(`${field}: ["${reference}"]\n`));
        expect(error).toMatchObject({
          name: 'KustomizeError',
          code: 'remoteBase',
        });
        expect(error.message).toContain(
          `overlays/x/kustomization.yaml refers to "${reference}"`,
        );
      }
    },
  );

  it('refuses a remote base that hides behind a local one', async () => {
    const error = await failure(
      overlay('resources: [../../base]\n', {
        'base/kustomization.yaml':
          'resources: ["https://example.com/base.yaml"]\n',
      }),
    );
    expect(error.code).toBe('remoteBase');
    expect(error.message).toContain('base/kustomization.yaml');
  });

  it('refuses remote files in the other fields, where only the loader meets them', async () => {
    const error = await failure(
      overlay(
        'resources: [../../base]\npatches: [{path: "https://example.com/patch.yaml"}]\n',
      ),
    );
    expect(error.code).toBe('remoteBase');
    expect(error.message).toContain('https://example.com/patch.yaml');
  });

  it('does not mind a remote base in a folder that is not built', async () => {
    const files = {
      ...plain.files,
      'other/kustomization.yaml': 'resources: [github.com/a/b]\n',
    };
    expect(await kustomize.build({ files, path: 'overlays/x' })).toContain(
      'settings',
    );
  });

  it.each([
    [
      'a broken kustomization',
      overlay('resources: [../../base\n'),
      /^overlays\/x\/kustomization\.yaml cannot be read: .*yaml: line 1/,
    ],
    [
      'an unknown field',
      overlay('resources: [../../base]\nimagez: []\n'),
      /^overlays\/x\/kustomization\.yaml cannot be read: .*unknown field "imagez"/,
    ],
    [
      'a broken resource, deep down',
      overlay('resources: [../../base]\n', {
        'base/settings.yaml': 'a: b\nc: d: e\n',
      }),
      /^base\/settings\.yaml cannot be read: yaml: line 2/,
    ],
    [
      'a missing file',
      overlay('resources: [../../base, gone.yaml]\n'),
      'overlays/x/kustomization.yaml refers to "gone.yaml", but there is no file or folder overlays/x/gone.yaml',
    ],
    [
      'a missing patch',
      overlay('resources: [../../base]\npatches: [{path: gone.yaml}]\n'),
      "'overlays/x/gone.yaml' doesn't exist",
    ],
    [
      'a reference out of the repository',
      overlay('resources: [../../../secrets]\n'),
      'overlays/x/kustomization.yaml refers to "../../../secrets", which lies outside the repository',
    ],
    [
      'an absolute reference',
      overlay('resources: [/etc/kubernetes]\n'),
      'overlays/x/kustomization.yaml refers to "/etc/kubernetes", which lies outside the repository',
    ],
    [
      'a file of the machine, even without load restrictions',
      {
        ...overlay('configMapGenerator: [{name: a, files: [/etc/passwd]}]\n'),
        loadRestrictions: 'none',
      },
      "'/etc/passwd' doesn't exist",
    ],
    ['a cycle', overlay('resources: [../../overlays/x]\n'), 'cycle detected'],
    [
      'a folder without kustomization',
      { files: base, path: 'overlays' },
      "'overlays' doesn't exist",
    ],
    [
      'helm',
      overlay('helmCharts: [{name: a, repo: "https://example.com"}]\n'),
      'enable-helm',
    ],
    [
      'a plugin that runs a program',
      overlay('resources: [../../base]\ntransformers: [run.yaml]\n', {
        'overlays/x/run.yaml':
          'apiVersion: example.com/v1\nkind: Run\nmetadata:\n  name: run\n  annotations:\n    config.kubernetes.io/function: "exec: {path: /bin/ls}"\n',
      }),
      'plugins disabled',
    ],
  ] satisfies ReadonlyArray<readonly [string, KustomizeInput, string | RegExp]>)(
    'fails with a clear sentence on %s',
    async (_description, input, message) => {
      const error = await failure(input);
      expect(error).toMatchObject({
        name: 'KustomizeError',
        code: 'buildFailed',
      });
      expect(error.message).toMatch(message);
      expect(error.message).not.toContain('/repository');
    },
  );

  it.each([
    ['a path out of the root', { files: base, path: '../base' }],
    ['an absolute path', { files: base, path: '/base' }],
    [
      'a file name out of the root',
      { files: { ...base, '../x.yaml': '' }, path: 'base' },
    ],
    [
      'a file name with a detour',
      { files: { ...base, 'a/../x.yaml': '' }, path: 'base' },
    ],
    [
      'an absolute file name',
      { files: { ...base, '/x.yaml': '' }, path: 'base' },
    ],
    ['no file name', { files: { ...base, '': '' }, path: 'base' }],
    [
      'a file that is also a folder',
      { files: { ...base, base: '' }, path: 'base' },
    ],
  ])('refuses %s', async (_description, input) => {
    expect(await failure(input)).toMatchObject({ code: 'invalidInput' });
  });

  it('refuses more input than it may take, counted in bytes', async () => {
    const small = createKustomize({ maxInputBytes: 1000 });
    const fill = (content: string) =>
      small.build({ files: { ...base, 'fill.txt': content }, path: 'base' });
    await expect(fill('ü'.repeat(450))).rejects.toMatchObject({
      code: 'tooLarge',
    });
    await expect(fill('u'.repeat(450))).resolves.toContain('settings');
    await small.dispose();
  });

  it('ends a build at its time limit and builds the next one', async () => {
    expect(await failure(endless, { timeoutMs: 50 })).toMatchObject({
      code: 'timeout',
    });
    expect(await kustomize.build(plain)).toContain('settings');
  });

  it('ends a build when the caller aborts, with the reason of the caller', async () => {
    const controller = new AbortController();
    const waiting = failure(endless, { signal: controller.signal });
    const behind = new AbortController();
    const queued = failure(plain, { signal: behind.signal });
    const next = kustomize.build(plain);
    behind.abort(new Error('no longer wanted'));
    expect(await queued).toEqual(new Error('no longer wanted'));
    controller.abort(new Error('the page was closed'));
    expect(await waiting).toEqual(new Error('the page was closed'));
    expect(await next).toContain('settings');
    expect(await failure(plain, { signal: controller.signal })).toEqual(
      new Error('the page was closed'),
    );
  });

  it('ends a build that wants more memory than it may use', async () => {
    const small = createKustomize({ maxMemoryBytes: 32 * 1024 * 1024 });
    await expect(small.build(endless)).rejects.toMatchObject({
      code: 'tooLarge',
    });
    expect(await small.build(plain)).toContain('settings');
    await small.dispose();
  });

  it('runs builds side by side without mixing them', async () => {
    const pair = createKustomize({ workers: 2 });
    const names = Array.from({ length: 6 }, (_, index) => `site-${index}`);
    const outputs = await Promise.all(
      names.map(name =>
        pair.build(overlay(`resources: [../../base]\nnamespace: ${name}\n`)),
      ),
    );
    outputs.forEach((output, index) =>
      expect(output).toContain(`namespace: ${names[index]}\n`),
    );
    await pair.dispose();
  });

  it('rejects what is not done when it is disposed, and everything after', async () => {
    const disposable = createKustomize();
    await disposable.build(plain);
    const unfinished = [endless, plain].map(input => disposable.build(input));
    const outcomes = Promise.allSettled(unfinished);
    await disposable.dispose();
    const disposed = { status: 'rejected', reason: { code: 'disposed' } };
    expect(await outcomes).toMatchObject([disposed, disposed]);
    await expect(disposable.build(plain)).rejects.toMatchObject({
      code: 'disposed',
    });
  });
});
