// SPDX-License-Identifier: Apache-2.0
import { drillCatalogue } from '../drill/catalogue';
import { deviceProblems } from './deviceProblems';
import type { DocumentPath, DocumentReading } from './documentReading';
import { nearestName } from './nearestName';
import type { PipelineProblem } from './pipeline';
import { fields, list } from './rawValues';

/** What the checks need of a stage, read from a document that may be wrong elsewhere. */
interface StageSketch {
  readonly index: number;
  readonly name: string;
  readonly kind: unknown;
  readonly after: readonly { name: string; path: DocumentPath }[];
  readonly targets: readonly {
    cluster: string;
    key: string;
    path: DocumentPath;
  }[];
  readonly hasTargets: boolean;
  readonly gates: number;
  readonly hasStrategy: boolean;
  readonly wave?: { readonly order: unknown; readonly hasRings: boolean };
  readonly soaks: readonly { stage: string; path: DocumentPath }[];
  readonly hasDrills: boolean;
  readonly drillGates: readonly DrillGateSketch[];
  readonly deviceGates: readonly { stage: string; path: DocumentPath }[];
}

interface DrillGateSketch {
  readonly stage: string;
  /** Of the gate. */
  readonly path: DocumentPath;
  readonly drills: readonly string[];
}

/**
 * What a schema can not say: names that must exist, an order without a circle, targets where they
 * make sense. Parts of the wrong shape are left to the schema, so both can report at once.
 * `clusters` is undefined while the portal does not know its clusters yet; then names are not checked.
 */
export function meaningProblems(
  reading: DocumentReading,
  clusters: readonly string[] | undefined,
): PipelineProblem[] {
  const stages = sketchStages(reading.value);
  const problem = (path: DocumentPath, code: string, message: string) => ({
    ...reading.at(path),
    code,
    message,
  });
  return [
    ...duplicateNames(stages, problem),
    ...unknownStages(stages, problem),
    ...cycles(stages, problem),
    ...misplacedSoaks(stages, problem),
    ...drillProblems(stages, problem),
    ...deviceHealthProblems(stages, problem),
    ...targetProblems(stages, problem),
    ...waveProblems(stages, problem),
    ...deviceProblems(reading.value, problem),
    ...unknownClusters(stages, clusters, problem),
  ];
}

/** Says what is wrong, at a place of the document. */
export type Report = (
  path: DocumentPath,
  code: string,
  message: string,
) => PipelineProblem;

function duplicateNames(
  stages: readonly StageSketch[],
  problem: Report,
): PipelineProblem[] {
  return stages
    .filter((stage, index) =>
      stages.slice(0, index).some(other => other.name === stage.name),
    )
    .map(stage =>
      problem(
        ['stages', stage.index, 'name'],
        'duplicateName',
        `Two stages are called \`${stage.name}\`; each needs a name of its own.`,
      ),
    );
}

function unknownStages(
  stages: readonly StageSketch[],
  problem: Report,
): PipelineProblem[] {
  const names = stages.map(stage => stage.name);
  const check = (name: string, path: DocumentPath) =>
    names.includes(name)
      ? []
      : [
          problem(
            path,
            'unknownStage',
            `There is no stage \`${name}\`. ${suggestion(name, names)}`,
          ),
        ];
  return stages.flatMap(stage => [
    ...stage.after.flatMap(({ name, path }) => check(name, path)),
    ...stage.soaks.flatMap(soak => check(soak.stage, soak.path)),
    ...stage.drillGates.flatMap(gate =>
      check(gate.stage, [...gate.path, 'stage']),
    ),
    ...stage.deviceGates.flatMap(gate => check(gate.stage, gate.path)),
  ]);
}

/** Reports each circle once, at the first stage of it in the document. */
function cycles(
  stages: readonly StageSketch[],
  problem: Report,
): PipelineProblem[] {
  const after = afterByName(stages);
  const reported = new Set<string>();
  const problems: PipelineProblem[] = [];
  for (const stage of stages) {
    const circle = reported.has(stage.name)
      ? undefined
      : circleThrough(stage.name, after);
    if (circle) {
      circle.forEach(name => reported.add(name));
      problems.push(
        problem(
          ['stages', stage.index, 'after'],
          'cycle',
          `Stages wait for each other in a circle: ${[
            ...circle,
            stage.name,
          ].join(' → ')}. Take one \`after\` out.`,
        ),
      );
    }
  }
  return problems;
}

function misplacedSoaks(
  stages: readonly StageSketch[],
  problem: Report,
): PipelineProblem[] {
  const after = afterByName(stages);
  return stages.flatMap(stage =>
    stage.soaks.flatMap(soak => {
      const soaked = stages.find(other => other.name === soak.stage);
      if (!soaked) return [];
      if (soaked.kind === 'local' || soaked.kind === 'ci') {
        return [
          problem(
            soak.path,
            'soakNotPossible',
            `Nothing runs in \`${soak.stage}\` (kind ${soaked.kind}), so a release can not soak there.`,
          ),
        ];
      }
      if (stagesBefore(stage.name, after).has(soak.stage)) return [];
      return [
        problem(
          soak.path,
          'soakNotBefore',
          `\`${soak.stage}\` does not come before \`${stage.name}\`, so the gate could wait for ever.`,
        ),
      ];
    }),
  );
}

/** Drills are for devices; a gate asks for known ones, of a stage before that allows them. */
function drillProblems(
  stages: readonly StageSketch[],
  problem: Report,
): PipelineProblem[] {
  const after = afterByName(stages);
  const known = drillCatalogue.map(({ name }) => name);
  const misplaced = stages
    .filter(({ hasDrills, kind }) => hasDrills && kind !== 'edge')
    .map(({ index, name }) =>
      problem(
        ['stages', index, 'drills'],
        'drillsNotPossible',
        `\`${name}\` is no stage of kind edge, and only devices can be drilled; remove its drills.`,
      ),
    );
  const gates = stages.flatMap(stage =>
    stage.drillGates.flatMap(gate => {
      const path = [...gate.path, 'stage'];
      const unknown = gate.drills.flatMap((name, at) =>
        known.includes(name)
          ? []
          : problem(
              [...gate.path, 'passed', at],
              'unknownDrill',
              `There is no drill \`${name}\`. ${suggestion(name, known)}`,
            ),
      );
      const drilled = stages.find(({ name }) => name === gate.stage);
      if (!drilled) return unknown;
      const wrong = !drilled.hasDrills
        ? problem(
            path,
            'drillNotAllowed',
            `No device of \`${gate.stage}\` may be drilled, so the gate would wait for ever. Give that stage \`drills: {}\`.`,
          )
        : !stagesBefore(stage.name, after).has(gate.stage) &&
          problem(
            path,
            'drillNotBefore',
            `\`${gate.stage}\` does not come before \`${stage.name}\`, so the gate could wait for ever.`,
          );
      return wrong ? [...unknown, wrong] : unknown;
    }),
  );
  return [...misplaced, ...gates];
}

/** Devices are looked at where there are some, in a stage that the release has reached before. */
function deviceHealthProblems(
  stages: readonly StageSketch[],
  problem: Report,
): PipelineProblem[] {
  const after = afterByName(stages);
  return stages.flatMap(stage =>
    stage.deviceGates.flatMap(gate => {
      const watched = stages.find(({ name }) => name === gate.stage);
      if (!watched) return [];
      if (watched.kind !== 'edge') {
        return [
          problem(
            gate.path,
            'deviceHealthNotPossible',
            `\`${gate.stage}\` is no stage of kind edge, so there are no devices whose health could be asked for.`,
          ),
        ];
      }
      if (watched.hasStrategy && !watched.wave) {
        return [
          problem(
            gate.path,
            'deviceHealthNotPossible',
            `\`${gate.stage}\` has canaries or two colours, whose pods this gate does not follow yet; use \`soak\`.`,
          ),
        ];
      }
      if (stagesBefore(stage.name, after).has(gate.stage)) return [];
      return [
        problem(
          gate.path,
          'deviceHealthNotBefore',
          `\`${gate.stage}\` does not come before \`${stage.name}\`, so the gate could wait for ever.`,
        ),
      ];
    }),
  );
}

/** Rings and the order that follows them belong together. */
function waveProblems(
  stages: readonly StageSketch[],
  problem: Report,
): PipelineProblem[] {
  return stages.flatMap(({ index, wave }) => {
    if (!wave || (wave.order === 'rings') === wave.hasRings) return [];
    const path = ['stages', index, 'strategy', 'wave'];
    return wave.hasRings
      ? problem(
          [...path, 'rings'],
          'ringsNotFollowed',
          'Rings are followed only with `order: rings`; add that, or remove the rings.',
        )
      : problem(
          [...path, 'order'],
          'noRings',
          'The order `rings` needs `rings` with a name each; name them, or leave `order` out.',
        );
  });
}

const notPossible: Readonly<Record<string, string>> = {
  targets: 'targetNotPossible',
  gates: 'gateNotPossible',
  strategy: 'strategyNotPossible',
};

function targetProblems(
  stages: readonly StageSketch[],
  problem: Report,
): PipelineProblem[] {
  return stages.flatMap(stage => {
    if (stage.kind === 'local' || stage.kind === 'ci') {
      const what = [
        ...(stage.targets.length > 0 ? ['targets'] : []),
        ...(stage.gates > 0 ? ['gates'] : []),
        ...(stage.hasStrategy ? ['strategy'] : []),
      ];
      return what.map(key =>
        problem(
          ['stages', stage.index, key],
          notPossible[key],
          `\`${stage.name}\` is of kind ${stage.kind} and deploys to no cluster; remove its ${key}.`,
        ),
      );
    }
    if (
      (stage.kind === 'cloud' || stage.kind === 'edge') &&
      !stage.hasTargets
    ) {
      return [
        problem(
          ['stages', stage.index],
          'noTargets',
          `\`${stage.name}\` is of kind ${stage.kind} but names no cluster in \`targets\`.`,
        ),
      ];
    }
    return stage.targets
      .filter((target, index) =>
        stage.targets.slice(0, index).some(other => other.key === target.key),
      )
      .map(target =>
        problem(
          target.path,
          'duplicateTarget',
          `\`${stage.name}\` names ${target.key} twice; give one a variant or remove it.`,
        ),
      );
  });
}

function unknownClusters(
  stages: readonly StageSketch[],
  clusters: readonly string[] | undefined,
  problem: Report,
): PipelineProblem[] {
  if (!clusters) return [];
  return stages.flatMap(stage =>
    stage.targets
      .filter(target => !clusters.includes(target.cluster))
      .map(target =>
        problem(
          target.path,
          'unknownCluster',
          `The portal has no cluster \`${target.cluster}\`. ${suggestion(
            target.cluster,
            clusters,
          )}`,
        ),
      ),
  );
}

function suggestion(written: string, known: readonly string[]): string {
  const meant = nearestName(written, known);
  if (meant) return `Did you mean \`${meant}\`?`;
  return known.length > 0
    ? `Known are ${known
        .slice(0, 10)
        .map(name => `\`${name}\``)
        .join(', ')}.`
    : 'None are known.';
}

function afterByName(
  stages: readonly StageSketch[],
): Map<string, readonly string[]> {
  return new Map(
    stages.map(stage => [stage.name, stage.after.map(({ name }) => name)]),
  );
}

function stagesBefore(
  name: string,
  after: Map<string, readonly string[]>,
): Set<string> {
  const before = new Set<string>();
  const waiting = [...(after.get(name) ?? [])];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (!before.has(next)) {
      before.add(next);
      waiting.push(...(after.get(next) ?? []));
    }
  }
  return before;
}

/** A way from `name` back to itself along `after`, shortest first; undefined when there is none. */
function circleThrough(
  name: string,
  after: Map<string, readonly string[]>,
): string[] | undefined {
  const seen = new Set<string>();
  let ways: string[][] = [[name]];
  while (ways.length > 0) {
    const next: string[][] = [];
    for (const way of ways) {
      for (const step of after.get(way[way.length - 1]) ?? []) {
        if (step === name) return way;
        if (!seen.has(step)) {
          seen.add(step);
          next.push([...way, step]);
        }
      }
    }
    ways = next;
  }
  return undefined;
}

function sketchStages(value: unknown): StageSketch[] {
  const stages = list(fields(value).stages);
  let previous: string | undefined;
  return stages.flatMap((entry, index) => {
    const stage = fields(entry);
    if (typeof stage.name !== 'string') return [];
    const path: DocumentPath = ['stages', index];
    const before = previous;
    previous = stage.name;
    const defaultAfter = before === undefined ? [] : [{ name: before, path }];
    return [
      {
        index,
        name: stage.name,
        kind: stage.kind,
        after: Array.isArray(stage.after)
          ? stage.after.flatMap((name: unknown, at) =>
              typeof name === 'string'
                ? [{ name, path: [...path, 'after', at] }]
                : [],
            )
          : defaultAfter,
        targets: list(stage.targets).flatMap((target, at) =>
          sketchTarget(target, [...path, 'targets', at]),
        ),
        hasTargets: list(stage.targets).length > 0,
        gates: list(stage.gates).length,
        hasStrategy: stage.strategy !== undefined,
        wave: sketchWave(fields(stage.strategy).wave),
        soaks: sketchGates(stage.gates, 'soak', path),
        hasDrills: stage.drills !== undefined,
        drillGates: list(stage.gates).flatMap((gate, at) =>
          sketchDrillGate(gate, [...path, 'gates', at, 'drill']),
        ),
        deviceGates: sketchGates(stage.gates, 'deviceHealth', path),
      },
    ];
  });
}

/** The gates of a kind with the stages that they name, each with the place of that name. */
function sketchGates(
  gates: unknown,
  kind: 'soak' | 'deviceHealth',
  path: DocumentPath,
): { stage: string; path: DocumentPath }[] {
  return list(gates).flatMap((gate, at) => {
    const { stage } = fields(fields(gate)[kind]);
    return typeof stage === 'string'
      ? [{ stage, path: [...path, 'gates', at, kind, 'stage'] }]
      : [];
  });
}

function sketchDrillGate(
  gate: unknown,
  path: DocumentPath,
): readonly DrillGateSketch[] {
  const { stage, passed } = fields(fields(gate).drill);
  if (typeof stage !== 'string') return [];
  const drills = list(passed).filter(
    (name): name is string => typeof name === 'string',
  );
  return [{ stage, path, drills }];
}

function sketchWave(wave: unknown): StageSketch['wave'] {
  if (wave === undefined) return undefined;
  const { order, rings } = fields(wave);
  return { order, hasRings: list(rings).length > 0 };
}

function sketchTarget(
  target: unknown,
  path: DocumentPath,
): { cluster: string; key: string; path: DocumentPath }[] {
  if (typeof target === 'string') {
    return [{ cluster: target, key: `\`${target}\``, path }];
  }
  const { cluster, variant, kustomization, devices, nodeGroups } =
    fields(target);
  if (typeof cluster !== 'string') return [];
  const [first] = [...list(devices), ...list(nodeGroups)];
  const part = kustomization ?? variant ?? first;
  return [
    {
      cluster,
      key: `\`${cluster}\`${typeof part === 'string' ? ` (\`${part}\`)` : ''}`,
      path: [...path, 'cluster'],
    },
  ];
}
