// SPDX-License-Identifier: Apache-2.0
import { createKustomize, type Kustomize } from '@causeway/kustomize';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { aFleet, anOnboarding, onboardingOf } from './__testUtils__/aFleet';
import type { Files, Onboarding, OnboardingPlan } from './Onboarding';
import { placesOf } from './Onboarding';
import { planOnboarding } from './planOnboarding';

/** Starting kustomize takes seconds on a busy machine. */
jest.setTimeout(60_000);

const release = { tag: '1.0.0', digest: `sha256:${'a'.repeat(64)}` };

function planned(plan: OnboardingPlan) {
  if (plan.kind === 'refused') {
    throw new Error(plan.conflicts.map(({ reason }) => reason).join('\n'));
  }
  return plan;
}

function after(files: Files, ...onboardings: readonly Onboarding[]): Files {
  return onboardings.reduce<Files>((before, onboarding) => {
    const { changes } = planned(planOnboarding(before, onboarding));
    return new Map([
      ...before,
      ...changes.map(({ path, content }): [string, string] => [path, content]),
    ]);
  }, files);
}

const sorted = (files: Files) =>
  [...files].sort(([a], [b]) => (a < b ? -1 : 1));

const anyOnboarding = (service: string) =>
  fc
    .record({
      namespace: fc.constantFrom('sorting', 'tracking', 'arrivals'),
      hardware: fc.subarray(['jetson', 'raspberry-pi']),
      strategy: fc.constantFrom('rolling', 'canary', 'blueGreen'),
      wave: fc.boolean(),
      release: fc.option(fc.constant(release), { nil: undefined }),
    })
    .map(options => anOnboarding(service, options));

const anyTwo = fc
  .uniqueArray(
    fc.constantFrom('aisle', 'label-api', 'moon', 'my-web', 'zone', 'belt'),
    { minLength: 2, maxLength: 2 },
  )
  .chain(([one, other]) => fc.tuple(anyOnboarding(one), anyOnboarding(other)));

describe('any onboarding', () => {
  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(anyOnboarding('my-web'), onboarding => {
        const files = after(aFleet(), onboarding);
        expect(planOnboarding(files, onboarding)).toMatchObject({
          kind: 'planned',
          changes: [],
          kept: [],
        });
      }),
      { numRuns: 15 },
    );
  });

  it('commutes with that of another service', () => {
    fc.assert(
      fc.property(anyTwo, ([one, other]) => {
        expect(sorted(after(aFleet(), one, other))).toEqual(
          sorted(after(aFleet(), other, one)),
        );
      }),
      { numRuns: 25 },
    );
  });

  it('touches no other service, and only adds lines where many share a file', () => {
    fc.assert(
      fc.property(anyTwo, ([one, other]) => {
        const files = after(aFleet(), one);
        const own = new RegExp(
          `^(services/${other.service}/|clusters/[^/]+/${other.service}\\.yaml$)`,
        );
        const shared = /^clusters\/[^/]+\/(kustomization|namespaces)\.yaml$/;
        const { changes } = planned(planOnboarding(files, other));
        expect(
          changes.filter(({ path }) => !own.test(path) && !shared.test(path)),
        ).toEqual([]);
        expect(
          changes.filter(
            ({ path, content }) =>
              shared.test(path) && !onlyAdds(files.get(path) ?? '', content),
          ),
        ).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });
});

/** Whether every line is still there, in the same order. */
function onlyAdds(before: string, content: string): boolean {
  const lines = content.split('\n');
  let at = -1;
  return before.split('\n').every(line => {
    at = lines.indexOf(line, at + 1);
    return at >= 0;
  });
}

describe('what is written', () => {
  let kustomize: Kustomize;
  beforeAll(() => {
    kustomize = createKustomize({ workers: 1 });
  });
  afterAll(() => kustomize.dispose());

  async function build(files: Files, path: string) {
    const text = await kustomize.build({
      files: Object.fromEntries(files),
      path,
    });
    return parseAllDocuments(text).map(document => document.toJS());
  }

  it.each(['rolling', 'canary', 'blueGreen'] as const)(
    'is built by kustomize, and holds what promotions look for (%s)',
    async strategy => {
      const onboarding = anOnboarding('my-web', {
        strategy,
        release,
        wave: strategy === 'rolling',
      });
      const files = after(aFleet(), onboarding);
      for (const { target } of placesOf(onboarding)) {
        const objects = await build(files, target.path);
        const deployments = objects.filter(
          ({ kind }) => kind === target.workload.kind,
        );
        const { name, namespace } = target.workload;
        expect(
          deployments.map(({ metadata }) => [
            metadata.namespace,
            metadata.name,
          ]),
        ).toEqual(
          (target.coloured ? [`${name}-blue`, `${name}-green`] : [name]).map(
            each => [namespace, each],
          ),
        );
        for (const { spec } of deployments) {
          expect(spec.template.spec.containers[0].image).toBe(
            `registry.example/my-web:${release.tag}@${release.digest}`,
          );
          expect(spec.template.metadata.labels).toMatchObject(
            spec.selector.matchLabels,
          );
        }
        const applied = await build(files, `clusters/${target.cluster}`);
        expect(applied).toContainEqual(
          expect.objectContaining({
            kind: 'Kustomization',
            metadata: target.kustomization,
            spec: expect.objectContaining({ path: `./${target.path}` }),
          }),
        );
      }
    },
    60_000,
  );

  it('lets Flagger ask the portal, and names the Secret with the key only', async () => {
    const onboarding = anOnboarding('my-web', { strategy: 'canary', release });
    const files = after(aFleet(), onboarding);
    const objects = await build(
      files,
      'services/my-web/overlays/cloud-production',
    );
    const canary = objects.find(({ kind }) => kind === 'Canary');
    expect(
      canary.spec.analysis.webhooks.map(
        ({ type, metadata }: { type: string; metadata: object }) => [
          type,
          metadata,
        ],
      ),
    ).toEqual(
      [
        'confirm-rollout',
        'confirm-traffic-increase',
        'confirm-promotion',
        'rollback',
        'event',
      ].map(type => [type, { key: '${causeway_key:=none}' }]),
    );
    expect(objects.map(({ kind }) => kind)).not.toContain('Service');
    const deployment = objects.find(({ kind }) => kind === 'Deployment');
    expect(deployment.spec).not.toHaveProperty('replicas');
    expect(files.get('clusters/cloud-production/my-web.yaml')).toContain(
      'substituteFrom',
    );
    expect(files.get('clusters/cloud-staging/my-web.yaml')).not.toContain(
      'substituteFrom',
    );
  });

  it('keeps the Canary ready for the first release, and lists it where a release runs without', async () => {
    const wanted = anOnboarding('my-web', { strategy: 'canary' });
    const folder = 'services/my-web/overlays/cloud-production';
    const overlay = `${folder}/kustomization.yaml`;
    const before = after(aFleet(), wanted);
    expect(planned(planOnboarding(before, wanted)).notes).toEqual([]);
    expect(before.get('clusters/cloud-production/my-web.yaml')).toContain(
      'substituteFrom',
    );
    const kinds = async (files: Files) =>
      (await build(files, folder)).map(({ kind }) => kind).sort();
    expect(await kinds(before)).toEqual(['Deployment', 'Service']);

    const promoted = new Map([
      ...before,
      [
        overlay,
        (before.get(overlay) ?? '').replace(
          'newTag: not-released',
          `newTag: 1.0.0\n    digest: ${release.digest}`,
        ),
      ] as const,
    ]);
    const { changes, kept } = planned(planOnboarding(promoted, wanted));
    expect(changes.map(({ path }) => path)).toEqual([overlay]);
    expect(kept).toEqual([]);
    const complete = after(promoted, wanted);
    expect(await kinds(complete)).toEqual(['Canary', 'Deployment']);
    expect(planOnboarding(complete, wanted)).toMatchObject({
      changes: [],
      kept: [],
    });
  });
});

describe('adopting', () => {
  const onboarding = anOnboarding('my-web');
  const overlay =
    'services/my-web/overlays/cloud-production/kustomization.yaml';
  const flux = 'clusters/cloud-production/my-web.yaml';

  function edited(path: string, edit: (text: string) => string): Files {
    const files = after(aFleet(), onboarding);
    return new Map([...files, [path, edit(files.get(path) ?? '')]]);
  }

  it('keeps what people changed, and says so', () => {
    const files = edited(
      overlay,
      text => `${text}commonAnnotations: { a: b }\n`,
    );
    expect(planOnboarding(files, onboarding)).toEqual({
      kind: 'planned',
      changes: [],
      kept: [overlay],
      notes: [],
    });
  });

  it('adds what is missing to what is there', () => {
    const first = anOnboarding('my-web', { hardware: ['jetson'] });
    const { changes, kept } = planned(
      planOnboarding(after(aFleet(), first), onboarding),
    );
    expect(changes.map(({ path }) => path)).toEqual([
      'clusters/edge-production/my-web.yaml',
      'services/my-web/overlays/edge-production/raspberry-pi/kustomization.yaml',
    ]);
    expect(changes[0].content).toContain('name: my-web-jetson');
    expect(changes[0].content).toContain('name: my-web-raspberry-pi');
    expect(kept).toEqual([]);
  });

  it.each<[string, Files, Onboarding, string, string]>([
    [
      'a Kustomization that applies another folder',
      edited(flux, text =>
        text.replace('./services/my-web/overlays/cloud-production', './mine'),
      ),
      onboarding,
      'applies mine, but promotions would write to services/my-web/overlays/cloud-production',
      '- path: ./mine\n+ path: ./services/my-web/overlays/cloud-production',
    ],
    [
      'one Deployment where the pipeline wants two colours',
      after(aFleet(), onboarding),
      anOnboarding('my-web', { strategy: 'blueGreen' }),
      'two colours here, but the overlay has one Deployment',
      '+ resources: [service.yaml, blue, green]',
    ],
    [
      'a Canary that asks nobody',
      new Map([
        ...after(aFleet(), onboarding),
        [
          'services/my-web/overlays/cloud-production/own.yaml',
          'apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata: { name: my-web }\nspec: { analysis: {} }\n',
        ],
      ]),
      anOnboarding('my-web', { strategy: 'canary' }),
      'does not ask the portal (confirm-rollout, confirm-traffic-increase, confirm-promotion, rollback)',
      'type: confirm-promotion',
    ],
    [
      'a cluster that the fleet does not have',
      new Map(
        [...aFleet()].filter(([path]) => !path.includes('/edge-staging/')),
      ),
      onboarding,
      'has no cluster edge-staging. It has cloud-production, cloud-staging, edge-production',
      '',
    ],
    [
      'a folder of somebody else',
      aFleet(),
      onboardingOf(
        'my-web',
        `apiVersion: causeway.dev/v1
kind: Pipeline
images: [registry.example/my-web]
stages:
  - name: cloud-staging
    kind: cloud
    targets: [{ cluster: cloud-staging, path: services/other/overlays/x }]
`,
      ),
      'not below services/my-web and does not exist',
      '',
    ],
    [
      'resources that are no list',
      new Map([
        ...aFleet(),
        ['clusters/cloud-staging/kustomization.yaml', 'resources: none\n'],
      ]),
      onboarding,
      'Add it by hand',
      'my-web.yaml',
    ],
  ])('refuses %s', (_what, files, wanted, reason, diff) => {
    const plan = planOnboarding(files, wanted);
    expect(plan).toMatchObject({
      kind: 'refused',
      conflicts: [{ reason: expect.stringContaining(reason) }],
    });
    expect(JSON.stringify(plan)).toContain(JSON.stringify(diff).slice(1, -1));
  });

  it('takes the manifests that a service brings', () => {
    const manifests = new Map([
      ['base/kustomization.yaml', 'resources: [own.yaml]\n'],
      ['base/own.yaml', 'kind: Deployment\n'],
      ['overlays/local/kustomization.yaml', 'resources: [../../base]\n'],
      ['overlays/edge-staging/kustomization.yaml', 'resources: [../../base]\n'],
    ]);
    const files = after(aFleet(), { ...onboarding, manifests });
    expect(files.get('services/my-web/base/own.yaml')).toBe(
      'kind: Deployment\n',
    );
    expect(
      files.get('services/my-web/overlays/edge-staging/kustomization.yaml'),
    ).toBe('resources: [../../base]\n');
    expect(files.has('services/my-web/overlays/local/kustomization.yaml')).toBe(
      false,
    );
    expect(files.has(overlay)).toBe(true);
  });
});
