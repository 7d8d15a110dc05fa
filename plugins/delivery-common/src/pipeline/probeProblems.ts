// SPDX-License-Identifier: Apache-2.0
import type { DocumentReading } from './documentReading';
import { parseDuration } from './duration';
import { nearestName } from './nearestName';
import type { PipelineProblem } from './pipeline';
import { fields, list } from './rawValues';

/** A Job needs some seconds of a device for itself; more often it would be more load than proof. */
const shortestPause = 60_000;

/**
 * Probes by Jobs that the portal does not know, or that are to run too often.
 * @param probes - names that the configuration of the portal defines; not checked when undefined
 */
export function probeProblems(
  reading: DocumentReading,
  probes: readonly string[] | undefined,
): PipelineProblem[] {
  return list(fields(reading.value).stages).flatMap((stage, index) => {
    const wave = fields(fields(fields(stage).strategy).wave);
    return Object.entries(fields(wave.health)).flatMap(([hardware, checks]) => {
      const { probe, every } = fields(fields(checks).job);
      const health = ['stages', index, 'strategy', 'wave', 'health'];
      const path = [...health, hardware, 'job'];
      const isUnknown =
        typeof probe === 'string' && probes && !probes.includes(probe);
      const pause =
        typeof every === 'string' ? parseDuration(every) : undefined;
      return [
        ...(isUnknown
          ? [
              {
                ...reading.at([...path, 'probe']),
                code: 'unknownProbe',
                message: `The portal has no probe \`${probe}\`. ${whatToDo(
                  probe,
                  probes,
                )}`,
              },
            ]
          : []),
        ...(pause !== undefined && pause < shortestPause
          ? [
              {
                ...reading.at([...path, 'every']),
                code: 'outOfRange',
                message: `\`${every}\` is too often for a Job on each device; 1m is the least.`,
              },
            ]
          : []),
      ];
    });
  });
}

function whatToDo(probe: string, probes: readonly string[]): string {
  const meant = nearestName(probe, probes);
  const define = `define it in \`delivery.waves.probes.${probe}\` of the portal's configuration, with its image and command`;
  return meant
    ? `Did you mean \`${meant}\`? Otherwise ${define}.`
    : `Whoever runs the portal has to ${define}.`;
}
