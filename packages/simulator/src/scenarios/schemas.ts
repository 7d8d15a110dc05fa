// SPDX-License-Identifier: Apache-2.0
import type {
  ParameterSchema,
  ParametersSchema,
} from '@causeway/plugin-simulation-common';
import type { ScenarioWorld } from './Scenario';

/** A schema whose parameters without a default are required, but for those named optional. */
export function parametersOf(
  properties: Readonly<Record<string, ParameterSchema>>,
  optional: readonly string[] = [],
): ParametersSchema {
  return {
    type: 'object',
    properties,
    required: Object.entries(properties)
      .filter(
        ([name, property]) =>
          property.default === undefined && !optional.includes(name),
      )
      .map(([name]) => name),
    additionalProperties: false,
  };
}

/** The choice of a cluster. */
export function clusterParameter({ clusters }: ScenarioWorld): ParameterSchema {
  return {
    type: 'string',
    title: 'Cluster',
    enum: clusters.map(({ name }) => name),
  };
}

/** The choice of a service. */
export function serviceParameter({ services }: ScenarioWorld): ParameterSchema {
  return {
    type: 'string',
    title: 'Service',
    enum: services.map(({ name }) => name),
  };
}
