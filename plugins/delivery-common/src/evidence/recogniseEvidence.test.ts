// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { evidenceKinds, type EvidenceKind } from './evidence';
import { evidenceProblem } from './recogniseEvidence';

const good: Record<EvidenceKind, string> = {
  junit:
    '<?xml version="1.0"?>\n<!-- by a runner -->\n<testsuites tests="1"><testsuite name="a"/></testsuites>\n',
  cobertura:
    '<?xml version="1.0"?>\n<!DOCTYPE coverage SYSTEM "http://cobertura.example/coverage-04.dtd">\n<coverage line-rate="0.9"><sources/></coverage>',
  lcov: 'TN:\nSF:src/a.ts\nDA:1,1\nLF:1\nLH:1\nBRDA:1,0,0,1\nend_of_record\n',
  sarif: '{"version":"2.1.0","runs":[]}',
  cyclonedx: '{"bomFormat":"CycloneDX","specVersion":"1.6"}',
  'k6-summary': '{"metrics":{"http_reqs":{}}}',
  lighthouse: '\uFEFF{"lighthouseVersion":"12.0.0","categories":{}}',
};
const check = (kind: EvidenceKind, text: string) =>
  evidenceProblem(kind, new TextEncoder().encode(text));

it.each(evidenceKinds)('takes a file of the kind %s and no other', kind => {
  for (const other of evidenceKinds) {
    const problem = check(kind, good[other]);
    expect([other, problem === undefined]).toEqual([other, kind === other]);
  }
});

it.each<[string, EvidenceKind, string, RegExp]>([
  [
    'a billion laughs',
    'junit',
    '<?xml version="1.0"?><!DOCTYPE testsuites [<!ENTITY a "&b;&b;">]><testsuites>&a;</testsuites>',
    /entities of its own/,
  ],
  [
    'an external entity',
    'cobertura',
    '<!DOCTYPE coverage SYSTEM "x" [<!ENTITY a SYSTEM "file:///etc/passwd">]><coverage/>',
    /entities of its own/,
  ],
  ['half a file', 'junit', '<testsuites><testsuite>', /does not end with/],
  [
    'a deep file',
    'junit',
    `<testsuites>${'<a>'.repeat(300)}${'</a>'.repeat(300)}</testsuites>`,
    /nests more than 200/,
  ],
  [
    'deep JSON',
    'sarif',
    `{"version":"2.1.0","runs":${'['.repeat(300)}${']'.repeat(300)}}`,
    /nests more than 200/,
  ],
  ['a page', 'junit', '<html></html>', /begins with <html>, not with <testsu/],
  ['a word', 'sarif', 'passed', /no JSON/],
  ['another SARIF', 'sarif', '{"version":"1.0.0","runs":[]}', /not a SARIF/],
  ['a log', 'lcov', 'npm test\nend_of_record', /has the line “npm test”/],
  ['nothing', 'lcov', '', /empty/],
  ['a packed file', 'junit', 'PK\u0003\u0004', /packed \(zip\)/],
])('refuses %s', (_what, kind, text, problem) => {
  expect(check(kind, text)).toMatch(problem);
});

it('refuses what is no text', () => {
  expect(evidenceProblem('junit', new Uint8Array([0x1f, 0x8b, 8]))).toMatch(
    'packed (gzip)',
  );
  expect(evidenceProblem('junit', new Uint8Array([0xff, 0xfe, 0]))).toMatch(
    'no text in UTF-8',
  );
});

it('answers any bytes', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...evidenceKinds),
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.string().map(text => new TextEncoder().encode(text)),
      ),
      (kind, content) => {
        expect(typeof evidenceProblem(kind, content)).toBe('string');
      },
    ),
    { numRuns: 300 },
  );
});
