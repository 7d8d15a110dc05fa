// SPDX-License-Identifier: Apache-2.0
import { createKustomize } from '@causeway/kustomize';
import { parsePipeline } from '@causeway/plugin-delivery-common';
import { parse } from 'yaml';
import { readCases, record, recordingOf, type Case } from './cases';
import { alertProblems, alertsIn } from './checks/alerts';
import { gitlabProblems } from './checks/gitlab';
import {
  build,
  manifestProblems,
  overlaysOf,
  placesOf,
} from './checks/manifests';
import { textProblems } from './checks/texts';
import { workflowProblems } from './checks/workflows';
import {
  ScaffolderUnderTest,
  type Refused,
  type Rendered,
} from './ScaffolderUnderTest';
import { fleet, fleetTemplate } from './suites/fleet';
import { readTemplates, withDefaults, type Template } from './templates';

/** A real backend, on machines that may be busy. */
jest.setTimeout(300_000);

const templates = readTemplates();
const caseFiles = readCases();
const kustomize = createKustomize();
let scaffolder: ScaffolderUnderTest;

beforeAll(async () => {
  scaffolder = await ScaffolderUnderTest.start();
});

afterAll(async () => {
  await scaffolder.stop();
  await kustomize.dispose();
});

function templateOf(name: string): Template {
  const template = templates.get(name);
  if (!template) throw new Error(`There is no template ${name}.`);
  return template;
}

function accepted(result: Rendered | Refused): Rendered {
  if ('problems' in result) throw new Error(result.problems.join('\n'));
  return result;
}

async function renderCase(name: string, { values }: Case): Promise<Rendered> {
  const template = templateOf(name);
  return accepted(
    await scaffolder.render(template, withDefaults(template, values)),
  );
}

/** Which nodes the pods of an overlay shall ask for. */
function placeOf(overlay: string, sites: unknown): unknown {
  const device = /edge-production\/(.+)$/.exec(overlay)?.[1];
  if (!device) return expect.objectContaining({ affinity: undefined });
  const atSites = { key: 'causeway.dev/site', operator: 'In', values: sites };
  const terms = [{ matchExpressions: [atSites] }];
  return {
    nodeSelector: { 'causeway.dev/device': device },
    affinity: sites && {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: terms,
        },
      },
    },
  };
}

test('every template has cases', () => {
  expect(caseFiles.map(({ template }) => template)).toEqual([
    ...templates.keys(),
  ]);
});

test.each([...templates])(
  'the catalog takes the template %s',
  async (_, template) => {
    expect(await scaffolder.problemsOf(template)).toEqual([]);
  },
);

describe.each(caseFiles)('$template', ({ template, cases }) => {
  const rendered = new Map<string, Rendered>();
  const resultOf = (name: string): Rendered => {
    const result = rendered.get(name);
    if (!result) throw new Error(`${name} was not rendered.`);
    return result;
  };

  beforeAll(async () => {
    for (const each of cases)
      rendered.set(each.name, await renderCase(template, each));
    if (process.env.CAUSEWAY_RECORD)
      record(
        template,
        cases.map(from => ({ from, rendered: resultOf(from.name) })),
      );
  });

  test('a second run writes the same', async () => {
    const again = await renderCase(template, cases[0]);
    expect(again).toEqual(resultOf(cases[0].name));
  });

  describe.each(cases)('$name', ({ name, values }) => {
    test('is what was recorded', () => {
      // Read here, so that `record` compares with what it wrote.
      const now = readCases().find(file => file.template === template);
      expect(recordingOf(resultOf(name))).toEqual(
        now?.cases.find(each => each.name === name)?.recorded,
      );
    });

    test('holds no placeholder, no secret, and nothing that can not be read', () => {
      expect(textProblems(resultOf(name).files)).toEqual([]);
    });

    test('has workflows that are pinned and have few rights', () => {
      expect(workflowProblems(resultOf(name).files)).toEqual([]);
    });

    test('has a pipeline for GitLab alone, or none', () => {
      expect(gitlabProblems(resultOf(name).files)).toEqual([]);
    });

    test('describes itself as the catalog wants it', async () => {
      const text = resultOf(name).files.get('catalog-info.yaml') ?? '';
      expect(await scaffolder.problemsOf(parse(text))).toEqual([]);
    });

    test('says of every alert how bad it is, what it is, and what to do', () => {
      const { files } = resultOf(name);
      expect(alertsIn(files).length).toBeGreaterThan(5);
      expect(alertProblems(files)).toEqual([]);
    });

    if (template === fleetTemplate) {
      fleet({
        rendered: () => resultOf(name),
        kustomize,
        // Where services go is the same in all cases.
        ...(name === cases[0].name && { scaffolder: () => scaffolder }),
      });
      return;
    }

    test('has a road, and an overlay at each place along it', () => {
      const { files } = resultOf(name);
      const { pipeline, problems } = parsePipeline(
        files.get('delivery.yaml') ?? '',
        {
          service: `component:default/${
            parse(files.get('catalog-info.yaml') ?? '').metadata.name
          }`,
          clusters: [
            'cloud-staging',
            'cloud-production',
            'edge-staging',
            'edge-production',
          ],
          defaults: {
            fleet: {
              repository: 'https://forge.example/norden/fleet',
              branch: 'main',
            },
          },
        },
      );
      expect(problems).toBeUndefined();
      const places = (pipeline?.stages ?? []).flatMap(({ targets }) =>
        targets.map(({ path }) => path.replace(/^services\/[^/]+/, 'deploy')),
      );
      expect([...overlaysOf(files)].sort()).toEqual(
        ['deploy/overlays/local', ...places].sort(),
      );
    });

    test('renders every overlay, as clusters with strict rules take it, for the nodes that were chosen', async () => {
      const { files } = resultOf(name);
      for (const overlay of overlaysOf(files)) {
        const objects = await build(kustomize, files, overlay);
        expect([overlay, ...manifestProblems(objects)]).toEqual([overlay]);
        expect([overlay, ...placesOf(objects)]).toEqual([
          overlay,
          placeOf(overlay, values.edgeSites),
        ]);
      }
    });
  });
});

describe('the form', () => {
  const [{ template: name, cases }] = caseFiles;
  const good = withDefaults(templateOf(name), cases[0].values);

  test.each([
    ['name', 'Dock_Lights'],
    ['name', 'x'],
    ['name', '1st-dock'],
    ['description', 'short'],
    ['hardware', []],
    ['hardware', ['toaster']],
    ['edgeSites', 'oslo'],
    ['edgeSites', ['']],
    ['edgeSites', ['oslo', 'oslo']],
    ['edgeSites', ['oslo"]\nhostNetwork: true']],
    ['edgeSites', ['oslo\n']],
    ['edgeSites', ['${{ parameters.name }}']],
    ['edgeSites', ['-oslo']],
    ['edgeSites', ['o'.repeat(64)]],
    ['edgeSites', Array.from({ length: 51 }, (_, index) => String(index))],
    ['platform', 'nomad'],
    ['exposure', 'world'],
    ['ci', 'elsewhere'],
    ['soak', 'soon'],
    ['errorRate', 0],
    ['latency', 1],
    ['registry', 'https://registry.example/x'],
  ])('refuses %s %j', async (field, value) => {
    const result = await scaffolder.render(templateOf(name), {
      ...good,
      [field]: value,
    });
    expect('problems' in result && result.problems.join()).toContain(field);
  });

  test.each([
    ['domain', 'nowhere'],
    ['sites', []],
    ['sites', [{ name: 'Oslo', title: 'x', jetsons: 1, raspberryPis: 1 }]],
    ['sites', [{ name: 'oslo', title: 'x', jetsons: -1, raspberryPis: 1 }]],
    ['alertReceiver', 'pigeon'],
  ])('of a fleet refuses %s %j', async (field, value) => {
    const fleetForm = templateOf(fleetTemplate);
    const result = await scaffolder.render(
      fleetForm,
      withDefaults(fleetForm, {
        owner: 'group:default/platform',
        repoUrl: 'forge.example?owner=norden&repo=fleet',
        [field]: value,
      }),
    );
    expect('problems' in result && result.problems.join()).toContain(field);
  });

  test('asks the same things in the same words, whatever the template', () => {
    const seen = new Map<string, unknown>();
    const different = [...templates.values()].flatMap(({ metadata, spec }) =>
      spec.parameters.flatMap(({ properties }) =>
        Object.entries(properties).flatMap(
          ([field, { default: _, ...words }]) => {
            const text = JSON.stringify(words);
            if (!seen.has(field)) seen.set(field, text);
            return seen.get(field) === text
              ? []
              : [`${metadata.name} ${field}`];
          },
        ),
      ),
    );
    expect(different).toEqual([]);
  });
});
