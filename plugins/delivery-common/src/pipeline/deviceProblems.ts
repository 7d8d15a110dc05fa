// SPDX-License-Identifier: Apache-2.0
import type { DocumentPath } from './documentReading';
import type { Report } from './meaningProblems';
import type { PipelineProblem } from './pipeline';
import { fields, list } from './rawValues';

/** A target of a document that may be wrong elsewhere. */
interface TargetSketch {
  readonly path: DocumentPath;
  readonly cluster: string;
  /** It has more than one of the keys that name what it is for. */
  readonly isDouble: boolean;
  readonly sort: 'device' | 'node group';
  /** What it names, each with the folder that only it may have. */
  readonly units: readonly {
    readonly name: string;
    readonly folder?: string;
  }[];
}

/**
 * Devices that have an overlay each, and node groups that have an override each: only a wave gives them
 * releases, all targets of a stage name the same sort or none does, and no two share a device, a group or
 * an overlay.
 */
export function deviceProblems(
  document: unknown,
  problem: Report,
): PipelineProblem[] {
  return list(fields(document).stages).flatMap((entry, index) => {
    const stage = fields(entry);
    const targets = list(stage.targets).map((target, at) =>
      sketch(target, ['stages', index, 'targets', at]),
    );
    const named = targets.filter(({ units }) => units.length > 0);
    if (named.length === 0) return [];
    const { wave } = fields(stage.strategy);
    if (wave === undefined)
      return [
        problem(
          named[0].path,
          'devicesNotPossible',
          'Devices and node groups are named only where a wave gives them releases; give the stage `strategy: { wave: {} }`.',
        ),
      ];
    return [
      ...mixedUp(targets, named, problem),
      ...named.flatMap(target => namedTwice(target, named, problem)),
      ...wavesOfGroups(named, fields(wave), problem, [
        'stages',
        index,
        'strategy',
        'wave',
      ]),
    ];
  });
}

function mixedUp(
  targets: readonly TargetSketch[],
  named: readonly TargetSketch[],
  problem: Report,
): readonly PipelineProblem[] {
  const [{ sort }] = named;
  const unnamed = targets.find(({ units }) => units.length === 0);
  const other = named.find(each => each.sort !== sort);
  const double = named.find(({ isDouble }) => isDouble);
  return [
    ...(unnamed
      ? [
          problem(
            unnamed.path,
            'devicesMixed',
            sort === 'device'
              ? 'The other targets of this stage name their devices; name that of this one with `device`, or give it a stage of its own.'
              : 'The other targets of this stage name their node groups; name those of this one with `nodeGroups`, or give it a stage of its own.',
          ),
        ]
      : []),
    ...(double
      ? [
          problem(
            double.path,
            'devicesMixed',
            'Name one node with `device`, several with `devices`, or node groups with `nodeGroups`; only one of these in a target.',
          ),
        ]
      : []),
    ...(other && !double
      ? [
          problem(
            other.path,
            'devicesMixed',
            'A wave orders devices or node groups, not both; give one of them a stage of its own.',
          ),
        ]
      : []),
  ];
}

/** What a wave cannot do with groups, since it looks at single devices. */
function wavesOfGroups(
  named: readonly TargetSketch[],
  wave: ReturnType<typeof fields>,
  problem: Report,
  path: DocumentPath,
): readonly PipelineProblem[] {
  return named.some(({ sort }) => sort === 'node group') &&
    wave.health !== undefined
    ? [
        problem(
          [...path, 'health'],
          'healthNotPossible',
          'A wave over node groups asks nothing of single devices; remove `health`, or name the devices with `devices`.',
        ),
      ]
    : [];
}

function namedTwice(
  target: TargetSketch,
  targets: readonly TargetSketch[],
  problem: Report,
): readonly PipelineProblem[] {
  const earlier = targets.slice(0, targets.indexOf(target));
  const same = target.units.find(({ name }) =>
    earlier.some(
      ({ cluster, units }) =>
        cluster === target.cluster && units.some(each => each.name === name),
    ),
  );
  const shared = target.units.find(
    ({ folder }) =>
      folder !== undefined &&
      earlier.some(({ units }) => units.some(each => each.folder === folder)),
  );
  const place = target.sort === 'device' ? 'overlay' : 'override';
  return [
    ...(same
      ? [
          problem(
            target.path,
            'duplicateDevice',
            `\`${same.name}\` of \`${target.cluster}\` is named twice; a ${target.sort} has one ${place}.`,
          ),
        ]
      : []),
    ...(shared
      ? [
          problem(
            [...target.path, 'path'],
            'sharedOverlay',
            `\`${shared.folder}\` is the overlay of two devices; each needs one of its own.`,
          ),
        ]
      : []),
  ];
}

function sketch(entry: unknown, path: DocumentPath): TargetSketch {
  const { cluster, device, devices, nodeGroups, path: folder } = fields(entry);
  const base = typeof folder === 'string' ? folder : undefined;
  const namesIn = (value: unknown) =>
    list(value).filter((name): name is string => typeof name === 'string');
  const groups = namesIn(nodeGroups).map(name => ({ name }));
  const nodes = [
    ...(typeof device === 'string' ? [{ name: device, folder: base }] : []),
    ...namesIn(devices).map(name => ({
      name,
      folder: base === undefined ? undefined : `${base}/${name}`,
    })),
  ];
  const keys = [device, devices, nodeGroups].filter(key => key !== undefined);
  return {
    path,
    cluster: typeof cluster === 'string' ? cluster : '',
    isDouble: keys.length > 1,
    sort: groups.length > 0 ? 'node group' : 'device',
    units: [...nodes, ...groups],
  };
}
