// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';

/** One axis value per name, for example `{ architecture: 'arm64' }`. */
export type Matrix = Readonly<Record<string, string>>;

/** What a job is for; faults name it. */
export type JobKind = 'lint' | 'tests' | 'integration' | 'build' | 'scan';

/** A job of the pipeline, before any run. */
export interface PlannedJob {
  readonly name: string;
  readonly kind: JobKind;
  /** Jobs that must have passed before. */
  readonly needs: readonly string[];
  readonly matrix: Matrix;
  readonly steps: readonly string[];
}

const architectures = ['amd64', 'arm64'] as const;
const variants = ['cloud', 'edge-jetson', 'edge-pi'] as const;

const builds: readonly PlannedJob[] = architectures.flatMap(architecture =>
  variants.map(variant => ({
    name: `build ${architecture} ${variant}`,
    kind: 'build' as const,
    needs: ['integration'],
    matrix: { os: 'linux', architecture, variant },
    steps: ['Check out', 'Compile', 'Build the image', 'Push the image'],
  })),
);

/** The pipeline of every demo service; jobs that need the same jobs run side by side. */
export const pipeline: readonly PlannedJob[] = [
  {
    name: 'lint',
    kind: 'lint',
    needs: [],
    matrix: {},
    steps: ['Check out', 'Install', 'Lint'],
  },
  {
    name: 'unit',
    kind: 'tests',
    needs: [],
    matrix: {},
    steps: ['Check out', 'Install', 'Run the tests', 'Measure coverage'],
  },
  {
    name: 'integration',
    kind: 'integration',
    needs: ['lint', 'unit'],
    matrix: {},
    steps: ['Check out', 'Start dependencies', 'Run the tests', 'Put on load'],
  },
  ...builds,
  {
    name: 'scan',
    kind: 'scan',
    needs: builds.map(({ name }) => name),
    matrix: {},
    steps: ['List components', 'Look up vulnerabilities', 'Analyse the code'],
  },
];

/** Jobs in the order they run; those of one wave run side by side. */
export function waves(
  jobs: readonly PlannedJob[] = pipeline,
): readonly (readonly PlannedJob[])[] {
  const done = new Set<string>();
  const found: (readonly PlannedJob[])[] = [];
  let open = [...jobs];
  while (open.length > 0) {
    const ready = open.filter(({ needs }) =>
      needs.every(need => done.has(need)),
    );
    if (ready.length === 0) throw new Error('Jobs need each other in a circle');
    found.push(ready);
    for (const { name } of ready) done.add(name);
    open = open.filter(job => !ready.includes(job));
  }
  return found;
}

/** A number in [0, 1) that only depends on the text. */
export function chance(text: string): number {
  const hash = createHash('sha256').update(text).digest();
  return hash.readUIntBE(0, 6) / 2 ** 48;
}

/** When a job runs, in milliseconds after the start of its run. */
export interface JobTime {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/**
 * Times of all jobs, drawn from the seed. A wave begins when the one before has
 * ended, and the last one ends after exactly `duration`.
 */
export function schedule(seed: string, duration: number): readonly JobTime[] {
  const order = waves();
  const shares = order.map((_, index) => 0.6 + chance(`${seed} wave ${index}`));
  const total = shares.reduce((sum, share) => sum + share, 0);
  let from = 0;
  return order.flatMap((jobs, index) => {
    const end =
      index === order.length - 1
        ? duration
        : from + (duration * shares[index]) / total;
    const slowest = Math.floor(
      chance(`${seed} slowest ${index}`) * jobs.length,
    );
    const times = jobs.map(({ name }, position) => {
      const part =
        position === slowest ? 1 : 0.55 + 0.4 * chance(`${seed} ${name}`);
      return { name, from, to: from + (end - from) * part };
    });
    from = end;
    return times;
  });
}
