// SPDX-License-Identifier: Apache-2.0
import {
  Scenario,
  ScenarioRefusal,
  ScenarioWorld,
  StartedScenario,
} from './Scenario';
import { parametersOf, serviceParameter } from './schemas';

const pattern = /^(\d+)\.(\d+)\.\d+/;

/** The minor version after one, with a suffix. */
export function versionAfter(
  version: string,
  suffix: string,
): string | undefined {
  const [, major, minor] = pattern.exec(version.trim()) ?? [];
  return major && `${major}.${Number(minor) + 1}.0${suffix}`;
}

/** Scenarios about releases that are bad or do not arrive. */
export const releaseScenarios: readonly Scenario[] = [
  {
    name: 'bad-release',
    title: 'Bad release',
    description:
      'Nils pushes the next minor version of a service, and its pods crash wherever it is deployed. When it stops, he takes the version back, and CI releases a good one from that.',
    subject: 'release',
    isPossible: ({ services }) => services.length > 0,
    parameters: world => parametersOf({ service: serviceParameter(world) }),
    start: (world, { service }) => pushBadVersion(world, String(service)),
  },
  {
    name: 'registry-down',
    title: 'Registry down',
    description:
      'The image registry answers nobody: pods whose image is not on their machine yet wait for it. When it stops, kubelets find it back with their next try, after five minutes at most.',
    subject: 'release',
    isPossible: ({ registry }) => registry !== undefined,
    parameters: () => parametersOf({}),
    async start({ registry }) {
      if (!registry) throw new Error('This world has no registry');
      const outage = registry.begin();
      return { stop: async () => outage.end() };
    },
  },
];

/** Pushes the next minor version, whose pods crash; stopping pushes the version from before. */
async function pushBadVersion(
  { services }: ScenarioWorld,
  name: string,
): Promise<StartedScenario> {
  const service = services.find(found => found.name === name);
  if (!service) throw new Error(`There is no service ${name}`);
  const hold = await service.version.hold(present => {
    const next = versionAfter(present ?? '', '-bad');
    if (next) return `${next}\n`;
    throw new ScenarioRefusal(
      `The file VERSION of ${name} holds no version like 2.7.0, so there is no next one.`,
      409,
    );
  });
  return { stop: () => hold.release() };
}
