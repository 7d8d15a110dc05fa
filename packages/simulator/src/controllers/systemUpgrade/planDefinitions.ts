// SPDX-License-Identifier: Apache-2.0
import {
  anything,
  conditions,
  definition,
  flag,
  integer,
  list,
  object,
  text,
} from '../runtime/definitions';
import { plans } from './planObjects';

const container = object(
  {
    image: text,
    command: list(text),
    args: list(text),
    envs: list(anything),
    volumes: list(anything),
    securityContext: anything,
  },
  ['image'],
);

/** The kind of system-upgrade-controller, with the fields that are obeyed or kept. */
export const planDefinitions: readonly object[] = [
  definition(plans, {
    schema: object({
      spec: object(
        {
          concurrency: integer,
          nodeSelector: anything,
          version: text,
          channel: text,
          upgrade: container,
          prepare: container,
          cordon: flag,
          drain: object({
            timeout: integer,
            gracePeriod: integer,
            ignoreDaemonSets: flag,
            force: flag,
            disableEviction: flag,
          }),
          serviceAccountName: text,
          tolerations: list(anything),
          jobActiveDeadlineSecs: integer,
        },
        ['upgrade'],
      ),
      status: object({
        conditions,
        latestVersion: text,
        latestHash: text,
        applying: list(text),
      }),
    }),
  }),
];
