// SPDX-License-Identifier: Apache-2.0
import { Failure } from './failure.mjs';

// The first value is the one that counts when nothing is said.
const FLAGS = {
  EDGE_SIMULATION_MODE: ['true', 'false'],
  EDGE_PLATFORM: ['k3s', 'kubeedge'],
  DEVICE_MANAGEMENT: ['kubeedge', 'none'],
  JETSON_CUDA_SUPPORT: ['true', 'false'],
  EDGE_OFFLINE_MODE: ['false', 'true'],
};

// How much of the fleet is away from the beginning in EDGE_OFFLINE_MODE.
const AWAY_PERCENTAGE = 20;

function valueOf(environment, name) {
  const allowed = FLAGS[name];
  const given = environment[name]?.trim().toLowerCase();
  if (!given) {
    return allowed[0];
  }
  if (!allowed.includes(given)) {
    throw new Failure(
      `${name} must be ${allowed.join(' or ')}, not ${environment[name]}.`,
    );
  }
  return given;
}

/**
 * The switches of the embedded default.
 * @returns {{
 *   simulation: boolean,
 *   platform: 'k3s' | 'kubeedge',
 *   deviceManagement: 'none' | 'kubeedge',
 *   cuda: boolean,
 *   offline: boolean,
 * }} whether there is a simulated world at all; the rest says how its edge is
 */
export function readFlags(environment) {
  const flags = {
    simulation: valueOf(environment, 'EDGE_SIMULATION_MODE') === 'true',
    platform: valueOf(environment, 'EDGE_PLATFORM'),
    deviceManagement: valueOf(environment, 'DEVICE_MANAGEMENT'),
    cuda: valueOf(environment, 'JETSON_CUDA_SUPPORT') === 'true',
    offline: valueOf(environment, 'EDGE_OFFLINE_MODE') === 'true',
  };
  if (flags.offline && !flags.simulation) {
    throw new Failure(
      'EDGE_OFFLINE_MODE=true takes simulated devices off the network, and EDGE_SIMULATION_MODE=false leaves none. Leave one of them out.',
    );
  }
  return flags;
}

/** The flags as the simulator reads them. Scenarios that run from the beginning can be stopped on the page Simulation. */
export function environmentOfFlags({
  platform,
  deviceManagement,
  cuda,
  offline,
}) {
  const scenarios = [
    ...(offline
      ? [{ scenario: 'offline', parameters: { percentage: AWAY_PERCENTAGE } }]
      : []),
    ...(cuda ? [] : [{ scenario: 'gpu-lost' }]),
  ];
  return {
    CAUSEWAY_SIMULATION_PLATFORM: platform,
    CAUSEWAY_SIMULATION_DEVICE_MANAGEMENT: deviceManagement,
    CAUSEWAY_SIMULATION_SCENARIOS: JSON.stringify(scenarios),
  };
}
