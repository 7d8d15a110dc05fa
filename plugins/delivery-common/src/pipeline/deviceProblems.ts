// SPDX-License-Identifier: Apache-2.0
import type { DocumentPath } from './documentReading';
import type { Report } from './meaningProblems';
import type { PipelineProblem } from './pipeline';
import { fields, list } from './rawValues';

/** A target of a document that may be wrong elsewhere. */
interface TargetSketch {
  readonly path: DocumentPath;
  readonly cluster: string;
  /** It has both keys that name devices. */
  readonly isDouble: boolean;
  /** The nodes that it names, each with the folder that it says for it. */
  readonly devices: readonly {
    readonly name: string;
    readonly folder?: string;
  }[];
}

/**
 * Devices that have an overlay each: only a wave gives them releases, all of a stage are named or none
 * is, and no two share a device or an overlay.
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
    const named = targets.filter(({ devices }) => devices.length > 0);
    if (named.length === 0) return [];
    if (fields(stage.strategy).wave === undefined)
      return [
        problem(
          named[0].path,
          'devicesNotPossible',
          'Devices are named only where a wave gives them releases; give the stage `strategy: { wave: {} }`.',
        ),
      ];
    const double = named.find(({ isDouble }) => isDouble);
    const unnamed = targets.find(({ devices }) => devices.length === 0);
    return [
      ...(unnamed
        ? [
            problem(
              unnamed.path,
              'devicesMixed',
              'The other targets of this stage name their devices; name that of this one with `device`, or give it a stage of its own.',
            ),
          ]
        : []),
      ...(double
        ? [
            problem(
              double.path,
              'devicesMixed',
              'Name one node with `device` or several with `devices`, not both in one target.',
            ),
          ]
        : []),
      ...named.flatMap(target => namedTwice(target, named, problem)),
    ];
  });
}

function namedTwice(
  target: TargetSketch,
  targets: readonly TargetSketch[],
  problem: Report,
): readonly PipelineProblem[] {
  const earlier = targets.slice(0, targets.indexOf(target));
  const same = target.devices.find(({ name }) =>
    earlier.some(
      ({ cluster, devices }) =>
        cluster === target.cluster && devices.some(each => each.name === name),
    ),
  );
  const shared = target.devices.find(
    ({ folder }) =>
      folder !== undefined &&
      earlier.some(({ devices }) =>
        devices.some(each => each.folder === folder),
      ),
  );
  return [
    ...(same
      ? [
          problem(
            target.path,
            'duplicateDevice',
            `\`${same.name}\` of \`${target.cluster}\` is named twice; a device has one overlay.`,
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
  const { cluster, device, devices, path: folder } = fields(entry);
  const base = typeof folder === 'string' ? folder : undefined;
  const named = list(devices).filter(
    (name): name is string => typeof name === 'string',
  );
  return {
    path,
    cluster: typeof cluster === 'string' ? cluster : '',
    isDouble: device !== undefined && devices !== undefined,
    devices: [
      ...(typeof device === 'string' ? [{ name: device, folder: base }] : []),
      ...named.map(name => ({
        name,
        folder: base === undefined ? undefined : `${base}/${name}`,
      })),
    ],
  };
}
