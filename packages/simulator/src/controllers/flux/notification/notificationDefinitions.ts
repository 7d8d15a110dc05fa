// SPDX-License-Identifier: Apache-2.0
import {
  conditions,
  definition,
  flag,
  integer,
  list,
  object,
  oneOf,
  text,
  textMap,
} from '../../runtime/definitions';
import { alerts, providers, receivers } from './notificationObjects';

const reference = object({ name: text }, ['name']);
const selector = object(
  {
    apiVersion: text,
    kind: text,
    name: text,
    namespace: text,
    matchLabels: textMap,
  },
  ['kind', 'name'],
);

/** The kinds of Flux's notification controller, with the fields that are obeyed here. */
export const notificationDefinitions: readonly object[] = [
  definition(receivers, {
    schema: object({
      spec: object(
        {
          type: oneOf('generic', 'generic-hmac', 'github', 'gitea', 'gitlab'),
          interval: text,
          events: list(text),
          resources: list(selector),
          secretRef: reference,
          suspend: flag,
        },
        ['type', 'resources', 'secretRef'],
      ),
      status: {
        ...object({
          observedGeneration: integer,
          conditions,
          webhookPath: text,
        }),
        default: { observedGeneration: -1 },
      },
    }),
  }),
  definition(providers, {
    statusSubresource: false,
    schema: object({
      spec: object(
        { type: text, address: text, secretRef: reference, suspend: flag },
        ['type'],
      ),
    }),
  }),
  definition(alerts, {
    statusSubresource: false,
    schema: object({
      spec: object(
        {
          providerRef: reference,
          eventSeverity: { ...oneOf('info', 'error'), default: 'info' },
          eventSources: list(selector),
          eventMetadata: textMap,
          inclusionList: list(text),
          exclusionList: list(text),
          suspend: flag,
        },
        ['providerRef', 'eventSources'],
      ),
    }),
  }),
];
