// SPDX-License-Identifier: Apache-2.0
import { InputError } from '@backstage/errors';
import type { Target } from '@causeway/plugin-delivery-common';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { restoreAnalysis, skipAnalysis } from './skipAnalysis';

const target: Target = {
  cluster: 'cloud-production',
  path: 'services/parcel-vision/overlays/cloud-production',
  kustomization: { namespace: 'flux-system', name: 'parcel-vision' },
  workload: { kind: 'Deployment', namespace: 'sorting', name: 'parcel-vision' },
};

const usual = `apiVersion: flagger.app/v1beta1
kind: Canary
metadata: # whose it is
  name: parcel-vision
  namespace: sorting
spec:
  # What serves users
  targetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: parcel-vision

  analysis:
    interval: 10s
    webhooks:
      - name: gate
        url: \${causeway_url:=http://portal.invalid}/canary/\${causeway_cluster:=unknown}
`;
const marked = `apiVersion: flagger.app/v1beta1
kind: Canary
metadata: # whose it is
  annotations:
    causeway.dev/skip-analysis: "p-1"
  name: parcel-vision
  namespace: sorting
spec:
  skipAnalysis: true
  # What serves users
  targetRef:
${usual.slice(usual.indexOf('    apiVersion: apps/v1'))}`;

function skip(text: string, renaming = {}, promotion = 'p-1') {
  return skipAnalysis(text, target, { promotion, renaming });
}

function specOf(text: string) {
  return parseAllDocuments(text).map(document => document.toJS());
}

it('tells Flagger to skip the analysis in two places, and changes no other character', () => {
  expect(skip(usual)).toBe(marked);
  expect(restoreAnalysis(marked)).toBe(usual);
});

it.each([
  [
    'another document before it',
    `apiVersion: v1\nkind: Service\n---\n${usual}`,
  ],
  ['Windows line ends', usual.replaceAll('\n', '\r\n')],
  ['no line end at its end', usual.trimEnd()],
  [
    'annotations of its own',
    usual.replace(
      '  name',
      '  annotations:\n    # ours\n    team: "vision"\n  name',
    ),
  ],
  [
    'analysis switched on by people',
    `${usual}  skipAnalysis: false # keep it that way\n`,
  ],
  ['a key in quotes', usual.replace('spec:', '"spec":')],
])('goes back to what was there: %s', (_name, text) => {
  const skipped = skip(text);
  const canaries = specOf(skipped).filter(({ kind }) => kind === 'Canary');
  expect(canaries).toMatchObject([
    {
      spec: { skipAnalysis: true },
      metadata: {
        annotations: {
          'causeway.dev/skip-analysis': expect.stringMatching(/^p-1/),
        },
      },
    },
  ]);
  expect(restoreAnalysis(skipped, 'p-1')).toBe(text);
});

it.each([
  ['people skip it already', `${usual}  skipAnalysis: true\n`],
  [
    'it is about another workload',
    usual.replace('    name: parcel', '    name: belt'),
  ],
  ['it is about another kind', usual.replace('Deployment', 'DaemonSet')],
  ['it is in another namespace', usual.replace('sorting', 'billing')],
  ['it is no Canary', usual.replace('kind: Canary', 'kind: MetricTemplate')],
  ['it is of another API', usual.replace('flagger.app', 'example.com')],
  ['it is no YAML', `${usual}\n]: [`],
  [
    'it is written in one line',
    '{apiVersion: flagger.app/v1beta1, kind: Canary, metadata: {name: a}, spec: {targetRef: {kind: Deployment, name: parcel-vision}}}',
  ],
  ['the value is somewhere else', `${usual}  skipAnalysis: &no false\n`],
  ['it is empty', ''],
])('edits nothing when %s', (_name, text) => {
  expect(skip(text)).toBe(text);
});

it('finds the Canary under the names that the overlay gives', () => {
  const short = usual.replaceAll('parcel-vision', 'vision');
  expect(skip(short)).toBe(short);
  expect(skip(short, { namePrefix: 'parcel-' })).not.toBe(short);
  const elsewhere = usual.replace('sorting', 'billing');
  expect(skip(elsewhere, { namespace: 'sorting' })).not.toBe(elsewhere);
});

it('takes back only what was set for the promotion, and never what people set', () => {
  expect(restoreAnalysis(marked, 'p-2')).toBe(marked);
  const byHand = `${usual}  skipAnalysis: true\n`;
  expect(restoreAnalysis(byHand)).toBe(byHand);
  const halfBack = marked.replace('  skipAnalysis: true\n', '');
  expect(restoreAnalysis(halfBack)).toBe(usual);
  const switchedOn = marked.replace(
    'skipAnalysis: true',
    'skipAnalysis: false',
  );
  expect(restoreAnalysis(switchedOn)).toBe(
    usual.replace('spec:\n', 'spec:\n  skipAnalysis: false\n'),
  );
});

it.each([
  ['broken', `${marked}\n]: [`],
  [
    'in one line',
    '{metadata: {annotations: {causeway.dev/skip-analysis: p-1}}, spec: {skipAnalysis: true}}',
  ],
])('says so when a mark can not be taken away: %s', (_name, text) => {
  expect(() => restoreAnalysis(text)).toThrow(InputError);
});

const word = fc.stringMatching(/^[a-z]{1,8}$/);
const extra = fc.dictionary(
  word.map(name => `x-${name}`),
  fc.oneof(word, fc.integer(), fc.constant(null)),
  { maxKeys: 3 },
);
const lines = (values: Record<string, unknown>, indent: string) =>
  Object.entries(values)
    .map(([key, value]) => `${indent}${key}: ${JSON.stringify(value)}\n`)
    .join('');

it('there and back is nowhere, whatever else is in the file', () => {
  fc.assert(
    fc.property(
      fc.record({
        before: extra,
        metadata: extra,
        annotations: extra,
        spec: extra,
        indent: fc.constantFrom('  ', '    '),
        comment: fc.boolean(),
        last: fc.constantFrom('', '  skipAnalysis: false\n'),
        promotion: fc.uuid(),
      }),
      ({ indent, promotion, ...parts }) => {
        const note = parts.comment ? `${indent}# why\n` : '';
        const own = lines(parts.annotations, indent + indent);
        const text = `${lines(
          parts.before,
          '',
        )}apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata:\n${note}${lines(
          parts.metadata,
          indent,
        )}${indent}name: a\n${
          own && `${indent}annotations:\n${own}`
        }spec:\n${note}${lines(
          parts.spec,
          indent,
        )}${indent}targetRef: { kind: Deployment, name: parcel-vision }\n${parts.last.replace(
          '  ',
          indent,
        )}`;
        const skipped = skip(text, {}, promotion);
        const [before] = specOf(text);
        const [after] = specOf(skipped);
        expect(after).toEqual({
          ...before,
          metadata: {
            ...before.metadata,
            annotations: {
              ...before.metadata.annotations,
              'causeway.dev/skip-analysis': expect.stringContaining(promotion),
            },
          },
          spec: { ...before.spec, skipAnalysis: true },
        });
        expect(skip(skipped, {}, 'another')).toBe(skipped);
        expect(restoreAnalysis(skipped, 'another')).toBe(skipped);
        expect(restoreAnalysis(skipped, promotion)).toBe(text);
      },
    ),
    { numRuns: 300 },
  );
});
