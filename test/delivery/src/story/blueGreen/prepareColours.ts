// SPDX-License-Identifier: Apache-2.0
import type { Surroundings } from '../../surroundings/Surroundings';
import { writeFleet, writePipeline } from '../prepareService';
import { watchedStage } from '../PromotedService';
import { colouredService, type Colour } from './ColouredService';

const { name } = colouredService;

/** Lets new versions of the demo's coloured service in without gates, and watches them shortly. */
export function prepareColours(
  surroundings: Surroundings,
  blueGreen: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  return writePipeline(surroundings, name, {
    blueGreen: {
      smokeTest: `${name}-smoke`,
      watch: '10s',
      keep: '1h',
      ...blueGreen,
    },
  });
}

/** Lets the smoke tests of a colour fail from now on: fake nodes obey the annotation. */
export async function breakSmokeTest(
  surroundings: Surroundings,
  colour: Colour,
): Promise<void> {
  const path = `services/${name}/overlays/${watchedStage}/${colour}/smoke.yaml`;
  await writeFleet(
    surroundings,
    async fleet => {
      const file = await fleet.read(path);
      return {
        [path]: file
          .replace(/backoffLimit: .*/, 'backoffLimit: 0')
          .replace(
            '  template:\n',
            '  template:\n    metadata:\n      annotations:\n        simulator.causeway.dev/fault: crash\n',
          ),
      };
    },
    'Try harder',
  );
}
