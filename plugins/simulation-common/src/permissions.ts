// SPDX-License-Identifier: Apache-2.0
import { createPermission } from '@backstage/plugin-permission-common';

/** See the simulated world, its scenarios and what runs. */
export const simulationReadPermission = createPermission({
  name: 'simulation.read',
  attributes: { action: 'read' },
});

/** Start and stop scenarios. */
export const simulationControlPermission = createPermission({
  name: 'simulation.control',
  attributes: { action: 'update' },
});

/** Every permission of the simulation plugin. */
export const simulationPermissions = [
  simulationReadPermission,
  simulationControlPermission,
];
