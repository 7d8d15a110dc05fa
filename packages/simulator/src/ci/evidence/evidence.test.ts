// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { waves, schedule } from '../plan';
import { Evidence, plannedJobs, Run } from '../Run';
import { atMoment } from '../runJobs';
import { evidenceFile, evidenceOf } from './evidence';

const startedAt = '2026-11-20T13:32:00.000Z';

/** A run of ten minutes ago's commit whose named jobs failed. */
function aRun(failing: readonly string[] = [], sha = '4f'.repeat(20)): Run {
  const run: Run = {
    id: 'parcel-vision-7',
    number: 7,
    repository: 'norden/parcel-vision',
    repositoryUrl: 'http://forge.example/norden/parcel-vision',
    service: 'component:default/parcel-vision',
    commit: {
      sha,
      message: 'Turn labels & "quotes"',
      author: 'Mia Lindqvist <mia@norden.example>',
      url: `http://forge.example/norden/parcel-vision/commit/${sha}`,
      time: startedAt,
    },
    state: 'running',
    version: '2.9.0',
    images: [
      {
        name: 'registry.norden.example/parcel-vision',
        tag: '2.9.0',
        digest: `sha256:${'ab'.repeat(32)}`,
      },
    ],
    jobs: plannedJobs(),
    startedAt,
    url: 'http://forge.example/simulation/ci/runs/parcel-vision-7',
  };
  return atMoment(run, schedule(sha, 4_000), {
    moment: 4_000,
    now: '2026-11-20T13:32:04.000Z',
    failing: new Set(failing),
  });
}

const textOf = (run: Run, { name }: Pick<Evidence, 'name'>): string => {
  const file = evidenceFile(run, name);
  if (!file) throw new Error(`${name} is missing`);
  return file.text;
};
const ofFormat = (run: Run, format: Evidence['format']) =>
  evidenceOf(run).filter(file => file.format === format);
const xml = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  isArray: name => ['testsuite', 'testcase', 'class', 'line'].includes(name),
});
const parseXml = (text: string) => {
  expect(XMLValidator.validate(text)).toBe(true);
  return xml.parse(text);
};

describe('evidence of a run', () => {
  it('is there in every format after a passed run, and always the same', () => {
    const run = aRun();
    const names = evidenceOf(run).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(evidenceOf(run).map(({ format }) => format))).toEqual(
      new Set([
        'junit',
        'cobertura',
        'sarif',
        'cyclonedx',
        'k6',
        'lighthouse',
        'log',
      ]),
    );
    for (const file of evidenceOf(run)) {
      const text = textOf(run, file);
      expect(textOf(aRun(), file)).toBe(text);
      expect(text.endsWith('\n')).toBe(true);
    }
    expect(
      textOf(aRun([], '5e'.repeat(20)), { name: 'load.k6.json' }),
    ).not.toBe(textOf(run, { name: 'load.k6.json' }));
    expect(evidenceFile(run, 'other.xml')).toBeUndefined();
  });

  it.each([
    ['passed', []],
    ['failed', ['unit', 'integration']],
  ])('counts the tests of %s jobs as JUnit does', (_, failing) => {
    const run = aRun(failing);
    for (const file of ofFormat(run, 'junit')) {
      const { testsuites } = parseXml(textOf(run, file));
      const cases = testsuites.testsuite.flatMap((suite: any) => {
        expect(Number(suite.tests)).toBe(suite.testcase.length);
        expect(suite.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
        return suite.testcase;
      });
      const broken = cases.filter((test: any) => test.failure !== undefined);
      expect(Number(testsuites.tests)).toBe(cases.length);
      expect(Number(testsuites.failures)).toBe(broken.length);
      expect(broken.length > 0).toBe(failing.includes(file.job));
      for (const test of cases)
        expect([typeof test.name, typeof test.classname]).toEqual([
          'string',
          'string',
        ]);
    }
  });

  it('gives rates of coverage that are those of its lines', () => {
    const run = aRun();
    const { coverage } = parseXml(
      textOf(run, { name: 'coverage.cobertura.xml' }),
    );
    const classes = coverage.packages.package.classes.class;
    const lines = classes.flatMap((item: any) => item.lines.line);
    const covered = lines.filter(({ hits }: any) => Number(hits) > 0);
    expect(Number(coverage['lines-valid'])).toBe(lines.length);
    expect(Number(coverage['lines-covered'])).toBe(covered.length);
    expect(Number(coverage['line-rate'])).toBeCloseTo(
      covered.length / lines.length,
      3,
    );
    for (const item of classes) expect(item.filename).toMatch(/^src\/.+\.ts$/);
  });

  it('lists components as the schema of CycloneDX 1.6 asks', () => {
    // The schemas lie beside the library's main file, which exports no JSON.
    const main = require.resolve('@cyclonedx/cyclonedx-library');
    const folder = join(dirname(main).replace(/dist.*$/, ''), 'res', 'schema');
    const schema = (name: string) =>
      JSON.parse(readFileSync(join(folder, name), 'utf8'));
    const ajv = new Ajv({
      strict: false,
      validateFormats: true,
      formats: { 'idn-email': true, 'iri-reference': true },
    });
    addFormats(ajv);
    for (const name of ['jsf-0.82', 'spdx'].map(
      stem => `${stem}.SNAPSHOT.schema.json`,
    ))
      ajv.addSchema(schema(name), `http://cyclonedx.org/schema/${name}`);
    const validate = ajv.compile(schema('bom-1.6.SNAPSHOT.schema.json'));
    const run = aRun();
    const bills = ofFormat(run, 'cyclonedx');
    expect(bills).toHaveLength(6);
    for (const file of bills) {
      validate(JSON.parse(textOf(run, file)));
      expect(validate.errors).toBeNull();
    }
  });

  it.each([
    ['lint', 'lint.sarif'],
    ['scan', 'vulnerabilities.sarif'],
  ])('says in SARIF 2.1.0 why %s failed', (job, name) => {
    const levelsOf = (run: Run) => {
      const log = JSON.parse(textOf(run, { name }));
      expect(log.version).toBe('2.1.0');
      const [{ tool, results, versionControlProvenance }] = log.runs;
      expect(versionControlProvenance[0].revisionId).toBe(run.commit.sha);
      for (const { ruleId, ruleIndex, message, locations } of results) {
        expect(tool.driver.rules[ruleIndex].id).toBe(ruleId);
        expect(message.text).not.toBe('');
        expect(locations[0].physicalLocation.artifactLocation.uri).not.toBe('');
      }
      return results.map(({ level }: any) => level);
    };
    expect(levelsOf(aRun())).not.toContain('error');
    expect(levelsOf(aRun([job]))).toContain('error');
  });

  it('sums up load as k6 and a page as Lighthouse do', () => {
    for (const failing of [[], ['integration']]) {
      const run = aRun(failing);
      const { metrics, root_group: group } = JSON.parse(
        textOf(run, { name: 'load.k6.json' }),
      );
      const { http_req_duration: duration, http_reqs: requests } = metrics;
      expect(duration.min).toBeLessThan(duration.med);
      expect(duration.med).toBeLessThan(duration['p(95)']);
      expect(duration['p(95)']).toBeLessThan(duration.max);
      expect(duration.thresholds).toEqual({
        'p(95)<500': failing.length > 0,
      });
      const check = group.checks['answers 200'];
      expect(check.passes + check.fails).toBe(requests.count);

      const report = JSON.parse(
        textOf(run, { name: 'status-page.lighthouse.json' }),
      );
      const { performance } = report.categories;
      const weights = performance.auditRefs.map(({ weight }: any) => weight);
      const weighted = performance.auditRefs.reduce(
        (sum: number, { id, weight }: any) =>
          sum + weight * report.audits[id].score,
        0,
      );
      const total = weights.reduce((sum: number, one: number) => sum + one, 0);
      expect(performance.score).toBeCloseTo(weighted / total, 2);
      expect(performance.score).toBeGreaterThan(0);
      expect(performance.score).toBeLessThanOrEqual(1);
    }
  });

  it('is not left by jobs that never ran, and no bill by a failed build', () => {
    const stopped = aRun(['unit']);
    expect(stopped).toMatchObject({
      state: 'failed',
      problem: 'Job unit failed: unit tests failed.',
    });
    expect(evidenceOf(stopped).map(({ job }) => job)).toEqual(
      expect.arrayContaining(['lint', 'unit']),
    );
    expect(evidenceOf(stopped).map(({ job }) => job)).not.toContain('scan');
    const broken = aRun(['build arm64 edge-pi']);
    expect(ofFormat(broken, 'cyclonedx')).toHaveLength(5);
    expect(textOf(broken, { name: 'build-arm64-edge-pi.log' })).toContain(
      'ended with exit code 1',
    );
  });
});

describe('the schedule of a run', () => {
  it('plays jobs after those they need, and ends exactly in time', () => {
    for (const sha of ['a', 'b', 'c']) {
      const times = schedule(sha, 4_000);
      const of = (name: string) => {
        const found = times.find(time => time.name === name);
        if (!found) throw new Error(name);
        return found;
      };
      for (const { name, needs } of waves().flat()) {
        for (const need of needs)
          expect(of(need).to).toBeLessThanOrEqual(of(name).from);
      }
      expect(Math.max(...times.map(({ to }) => to))).toBe(4_000);
      expect(times).toEqual(schedule(sha, 4_000));
    }
    expect(schedule('a', 4_000)).not.toEqual(schedule('b', 4_000));
  });
});
