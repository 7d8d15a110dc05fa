// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import {
  checkOverrides,
  countApplications,
  editOverrides,
  readOverrides,
  type GroupTarget,
} from './editOverrides';

const name = 'registry.norden.example/belt-control';
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const [old, fresh] = [digest('a'), digest('b')];

const targetOf = (nodeGroup: string): GroupTarget => ({
  nodeGroup,
  workload: {
    kind: 'Deployment',
    namespace: 'sorting',
    name: `belt-control-${nodeGroup}`,
  },
});
const hangzhou = targetOf('hangzhou');

const application = (
  groups: string,
  containers = `{ name: main, image: ${name}:5.5.8 }`,
) => `# The belts.
apiVersion: apps.kubeedge.io/v1alpha1
kind: EdgeApplication
metadata: { name: belts, namespace: sorting }
spec:
  workloadTemplate:
    manifests:
      - apiVersion: apps/v1
        kind: Deployment
        metadata: { name: belt-control, namespace: sorting }
        spec:
          template:
            spec:
              containers: [${containers}]
  workloadScope:
    targetNodeGroups:
${groups}`;

const tag = (value: string, rest = '') =>
  `      - name: hangzhou
        overriders:
          imageOverriders:
            - component: Tag
              operator: replace
              value: ${value}
${rest}`;

it('changes the digest of one group and no other character', () => {
  const text = application(
    `${tag(`'${old}' # 5.5.8`)}      - name: beijing
        overriders:
          replicas: 3 # as many belts
`,
  );
  const given = editOverrides(text, hangzhou, [{ name, digest: fresh }]);
  expect(given).toBe(text.replace(old, fresh));
  expect(readOverrides(given, hangzhou, [name])).toEqual([
    { name, digest: fresh },
  ]);
  expect(readOverrides(given, targetOf('beijing'), [name])).toEqual([{ name }]);
  expect(readOverrides(given, hangzhou)).toEqual([{ name, digest: fresh }]);
  expect(readOverrides(given, targetOf('beijing'))).toEqual([]);
});

it.each<[string, string, string]>([
  [
    'no overriders',
    '    - name: hangzhou # first\n    - name: beijing\n',
    `    - name: hangzhou # first
      overriders:
        imageOverriders:
          - component: Tag
            operator: replace
            value: ${fresh}
    - name: beijing
`,
  ],
  [
    'other overriders',
    '    - name: hangzhou\n      overriders:\n        replicas: 2\n',
    `    - name: hangzhou
      overriders:
        imageOverriders:
          - component: Tag
            operator: replace
            value: ${fresh}
        replicas: 2
`,
  ],
])('adds an override to a group with %s', (_, groups, after) => {
  const text = application(groups);
  expect(editOverrides(text, hangzhou, [{ name, digest: fresh }])).toBe(
    application(after),
  );
});

it('names the container where there are several', () => {
  const two = `{ name: main, image: "${name}:1" }, { name: helper, image: "busybox:1" }`;
  const others = `      - name: hangzhou
        overriders:
          imageOverriders:
            - predicate: { path: /spec/template/spec/containers/1/image }
              component: Registry
              operator: replace
              value: mirror.example
`;
  const given = editOverrides(application(others, two), hangzhou, [
    { name, digest: fresh },
  ]);
  expect(given).toBe(
    application(
      `${others}            - predicate:
                path: /spec/template/spec/containers/0/image
              component: Tag
              operator: replace
              value: ${fresh}
`,
      two,
    ),
  );
});

const overriders = (...lines: string[]) =>
  `      - name: hangzhou
        overriders:
          imageOverriders: [${lines.join(', ')}]
`;
const two = `{ name: a, image: ${name} }, { name: b, image: busybox }`;

it.each<[string, string, RegExp]>([
  ['no EdgeApplication', 'kind: Service\n', /has no EdgeApplication/],
  [
    'two of them',
    `${application(tag(old))}---\n${application(tag(old))}`,
    /more than one EdgeApplication/,
  ],
  ['broken text', 'spec: [', /no valid YAML/],
  ['no such group', application('      - name: beijing\n'), /no node group/],
  [
    'the group twice',
    application('      - name: hangzhou\n      - name: hangzhou\n'),
    /more than once/,
  ],
  [
    'another image',
    application(tag(old), '{ image: registry.norden.example/other:1 }'),
    /No container .* has the image/,
  ],
  [
    'the image twice',
    application(tag(old), `{ image: ${name} }, { image: ${name} }`),
    /Several containers/,
  ],
  [
    'an override of all containers',
    application(tag(old), two),
    /name that of .* with "predicate", "path: .*0\/image"/,
  ],
  [
    'another registry',
    application(
      overriders('{ component: Registry, operator: replace, value: x.y }'),
    ),
    /changes the Registry/,
  ],
  [
    'a tag that is added',
    application(overriders('{ component: Tag, operator: add, value: -x }')),
    /operator "add"/,
  ],
  [
    'two tags',
    application(
      overriders(
        '{ component: Tag, operator: replace, value: a }',
        '{ component: Tag, operator: replace, value: b }',
      ),
    ),
    /sets the tag .* twice/,
  ],
  [
    'several Deployments',
    application(tag(old)).replace(
      '  workloadScope:',
      '      - { kind: Deployment, metadata: { name: other } }\n  workloadScope:',
    ),
    /several Deployments/,
  ],
  [
    'a group in one line',
    application('      - { name: hangzhou }\n'),
    /can not be edited safely/,
  ],
  [
    'an alias',
    `${application(tag('*old'))}`.replace('# The belts.', `old: &old ${old}`),
    /can not be edited safely/,
  ],
])(
  'says what is wrong with %s, also before it is edited',
  (_, text, message) => {
    const wanted = [{ name, digest: fresh }];
    expect(() => editOverrides(text, hangzhou, wanted)).toThrow(message);
    expect(() => checkOverrides(text, hangzhou, wanted)).toThrow(message);
  },
);

it('reads a tag as what nothing can be put back to', () => {
  expect(readOverrides(application(tag('5.5.8')), hangzhou, [name])).toEqual([
    { name, tag: '5.5.8' },
  ]);
});

it('tells the EdgeApplications that bring a workload from others', () => {
  const text = `kind: Service\n---\n${application(tag(old))}`;
  expect(countApplications(text, hangzhou)).toBe(1);
  const { workload } = hangzhou;
  expect(
    countApplications(text, {
      ...hangzhou,
      workload: { ...workload, namespace: 'other' },
    }),
  ).toBe(0);
});

/** An EdgeApplication as people may write it. */
const written = fc
  .record({
    groups: fc.uniqueArray(
      fc.constantFrom('hangzhou', 'beijing', 'oslo', 'a.b'),
      { minLength: 1 },
    ),
    quote: fc.constantFrom('', "'", '"'),
    comment: fc.constantFrom('', ' # 5.5.8', '   #'),
    blank: fc.constantFrom('', '\n', '  # - name: hangzhou\n'),
    dash: fc.constantFrom('', '  '),
    extra: fc.constantFrom('', 'replicas: 2'),
    eol: fc.constantFrom('\n', '\r\n'),
    end: fc.constantFrom('', '\n', '\n---\nkind: Service\n'),
  })
  .map(({ groups, quote, comment, blank, dash, extra, eol, end }) => {
    const entries = groups.map(group =>
      [
        `    - name: ${group}`,
        '      overriders:',
        ...(extra ? [`        ${extra}`] : []),
        '        imageOverriders:',
        `        ${dash}- operator: replace`,
        `        ${dash}  value: ${quote}${old}${quote}${comment}`,
        `        ${dash}  component: Tag`,
      ].join('\n'),
    );
    const text = `${application(entries.join(`\n${blank}`))}${end}`;
    return { groups, text: text.replaceAll('\n', eol) };
  });

it('puts back what it gave byte for byte, in any order, and says nothing else meanwhile', () => {
  fc.assert(
    fc.property(
      written,
      fc.infiniteStream(fc.nat()),
      ({ groups, text }, order) => {
        const shuffled = [...groups].sort(
          () => (order.next().value % 2) * 2 - 1,
        );
        const set = (before: string, group: string, to: string) =>
          editOverrides(before, targetOf(group), [{ name, digest: to }]);
        const [first] = shuffled;
        const once = set(text, first, fresh);
        expect(once.replace(fresh, old)).toBe(text);
        for (const group of groups)
          expect(readOverrides(once, targetOf(group), [name])).toEqual([
            { name, digest: group === first ? fresh : old },
          ]);
        const all = shuffled.reduce(
          (before, group) => set(before, group, fresh),
          text,
        );
        expect(parseAllDocuments(all)).toHaveLength(
          parseAllDocuments(text).length,
        );
        expect(
          groups.reduce((before, group) => set(before, group, old), all),
        ).toBe(text);
      },
    ),
  );
});
