// SPDX-License-Identifier: Apache-2.0
import type { DeviceWorld } from '../devices/DeviceWorld';
import type { Forge } from '../forge/Forge';
import type { ForgeFault } from '../forge/faults';
import { allScenarios } from './catalogue';
import { commitAs } from './commitAs';
import type { ScenarioService, ScenarioWorld } from './Scenario';
import { ScenarioRunner } from './ScenarioRunner';
import { SharedSetting } from './SharedSetting';

/** A world as it is, before several may hold its settings. */
export interface ScenarioSurroundings
  extends Omit<ScenarioWorld, 'forge' | 'services' | 'devices'> {
  readonly forge: Forge;
  /** Names of the services; the repository of each is `norden/<name>`. */
  readonly services: readonly string[];
  readonly devices?: Pick<DeviceWorld, 'effects' | 'plan'>;
}

/** A runner of all scenarios over a world. */
export function startScenarios({
  forge,
  services,
  devices,
  ...world
}: ScenarioSurroundings): ScenarioRunner {
  const fault = new SharedSetting<ForgeFault>({
    read: () => forge.faults.current,
    write: value => forge.faults.set(value),
  });
  return new ScenarioRunner(
    {
      ...world,
      forge: { forge, fault },
      services: services.map(name => serviceOf(forge, name)),
      devices: devices && {
        effects: devices.effects,
        all: devices.plan.devices.map(({ name, hardware, site }) => ({
          name,
          hardware,
          site: site.name,
        })),
      },
    },
    allScenarios,
  );
}

function serviceOf(forge: Forge, name: string): ScenarioService {
  const repository = `norden/${name}`;
  const path = 'VERSION';
  return {
    name,
    version: new SharedSetting<string | undefined>({
      async read() {
        const git = forge.repository(repository)?.git;
        return (await git?.readFile('main', path))?.toString();
      },
      write: value =>
        commitAs(forge, {
          repository,
          path,
          login: 'nils',
          message: `Move to version ${value?.trim() ?? 'unknown'}`,
          edit: () => value,
        }),
    }),
  };
}
