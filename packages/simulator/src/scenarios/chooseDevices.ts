// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { ParameterSchema } from '@causeway/plugin-simulation-common';
import type { ScenarioDevice, ScenarioWorld } from './Scenario';
import { ScenarioRefusal } from './Scenario';

/** Which devices a scenario meets: those that fit everything given. */
export interface DeviceChoice {
  readonly site?: string;
  readonly hardware?: string;
  readonly device?: string;
  /** How many of them, rounded up; the seed says which. */
  readonly percentage: number;
}

/** The names of the chosen devices. The same seed chooses the same ones, and a larger percentage contains a smaller one. */
export function chooseDevices(
  devices: readonly ScenarioDevice[],
  { site, hardware, device, percentage }: DeviceChoice,
  seed: number,
): readonly string[] {
  const fitting = devices.filter(
    found =>
      (device === undefined || found.name === device) &&
      (site === undefined || found.site === site) &&
      (hardware === undefined || found.hardware === hardware),
  );
  const drawn = fitting
    .map(({ name }) => ({ name, lot: lotOf(name, seed) }))
    .sort((a, b) => a.lot - b.lot || (a.name < b.name ? -1 : 1));
  return drawn
    .slice(0, Math.ceil((drawn.length * percentage) / 100))
    .map(({ name }) => name);
}

/** @throws ScenarioRefusal when no device fits. */
export function mustChooseDevices(
  { devices, seed }: ScenarioWorld,
  choice: DeviceChoice,
): readonly string[] {
  const chosen = chooseDevices(devices?.all ?? [], choice, seed);
  if (chosen.length > 0) return chosen;
  const { site, hardware, device } = choice;
  const wish = [
    device && `named ${device}`,
    hardware && `of the kind ${hardware}`,
    site && `at the site ${site}`,
  ].filter(Boolean);
  throw new ScenarioRefusal(
    `There is no device ${wish.join(
      ' and ',
    )}. Choose another device, kind or site.`,
    400,
  );
}

/** The parameters that choose devices. */
export function deviceParameters(
  { devices }: ScenarioWorld,
  defaults: { readonly percentage: number; readonly hardware?: string },
): Readonly<Record<string, ParameterSchema>> {
  const all = devices?.all ?? [];
  const values = (of: (device: ScenarioDevice) => string) =>
    [...new Set(all.map(of))].sort();
  return {
    site: {
      type: 'string',
      title: 'Site',
      description: 'All sites when left out.',
      enum: values(({ site }) => site),
    },
    hardware: {
      type: 'string',
      title: 'Kind of device',
      description: 'All kinds when left out.',
      enum: values(({ hardware }) => hardware),
      ...(defaults.hardware && { default: defaults.hardware }),
    },
    device: {
      type: 'string',
      title: 'Device',
      description: 'The name of one device; all when left out.',
      maxLength: 253,
    },
    percentage: {
      type: 'number',
      title: 'How many of them',
      minimum: 1,
      maximum: 100,
      default: defaults.percentage,
      unit: '%',
    },
  };
}

function lotOf(name: string, seed: number): number {
  return createHash('sha256').update(`${seed} ${name}`).digest().readUInt32BE();
}
