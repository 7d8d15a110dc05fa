// SPDX-License-Identifier: Apache-2.0
import { drawn, JobFacts, modules } from './facts';

interface CoveredFile {
  readonly name: string;
  readonly hits: readonly number[];
}

const rate = (covered: number, valid: number) =>
  valid === 0 ? '1' : (covered / valid).toFixed(4);

const coveredLines = (hits: readonly number[]) =>
  hits.filter(count => count > 0).length;

/** Line coverage of the unit tests as Cobertura XML. The rates are those of the listed lines. */
export function coberturaReport(facts: JobFacts): string {
  const files = modules.map(({ name }) => fileOf(facts, name));
  const hits = files.flatMap(file => file.hits);
  const [covered, valid] = [coveredLines(hits), hits.length];
  const totals = `line-rate="${rate(covered, valid)}" branch-rate="0"`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">
<coverage ${totals} lines-covered="${covered}" lines-valid="${valid}" branches-covered="0" branches-valid="0" complexity="0" version="1.9" timestamp="${facts.finishedAt.getTime()}">
  <sources>
    <source>.</source>
  </sources>
  <packages>
    <package name="src" ${totals} complexity="0">
      <classes>
${files.map(classElement).join('\n')}
      </classes>
    </package>
  </packages>
</coverage>
`;
}

function fileOf(facts: JobFacts, name: string): CoveredFile {
  const lines = Math.floor(drawn(facts, `${name} lines`, 24, 60));
  // Nine lines of ten or so are covered; how often each ran is drawn too.
  const hits = Array.from({ length: lines }, (_, index) =>
    Math.max(0, Math.round(drawn(facts, `${name} line ${index}`, -1.2, 12))),
  );
  return { name, hits };
}

function classElement({ name, hits }: CoveredFile): string {
  const lines = hits.map(
    (count, index) =>
      `            <line number="${
        index + 1
      }" hits="${count}" branch="false"/>`,
  );
  return `        <class name="${name}.ts" filename="src/${name}.ts" line-rate="${rate(
    coveredLines(hits),
    hits.length,
  )}" branch-rate="0" complexity="0">
          <methods/>
          <lines>
${lines.join('\n')}
          </lines>
        </class>`;
}
