// SPDX-License-Identifier: Apache-2.0
import {
  anything,
  definition,
  flag,
  integer,
  list,
  object,
  oneOf,
  text,
  textMap,
} from '../runtime/definitions';
import type { TwinLayout } from './deviceController';
import { deviceModels, devices, deviceStatuses } from './deviceObjects';
import { edgeApplications } from './edgeApplicationObjects';
import { imagePrePullJobs, nodeUpgradeJobs } from './jobObjects';
import { nodeGroups } from './nodeGroupObjects';

const twinValue = object({ value: text, metadata: textMap }, ['value']);
const twinFields = {
  twins: list(
    object(
      { propertyName: text, observedDesired: twinValue, reported: twinValue },
      ['propertyName'],
    ),
  ),
  state: text,
  lastOnlineTime: text,
};
const reporting = { reportToCloud: flag, reportCycle: integer };

const modelSchema = object({
  spec: object({
    protocol: text,
    properties: list(
      object(
        {
          name: text,
          description: text,
          type: oneOf(
            'INT',
            'FLOAT',
            'DOUBLE',
            'STRING',
            'BOOLEAN',
            'BYTES',
            'STREAM',
          ),
          accessMode: oneOf('ReadWrite', 'ReadOnly'),
          minimum: text,
          maximum: text,
          unit: text,
        },
        ['name', 'type', 'accessMode'],
      ),
    ),
  }),
});

const overriders = object({
  replicas: integer,
  imageOverriders: list(
    object(
      {
        predicate: object({ path: text }, ['path']),
        component: oneOf('Registry', 'Repository', 'Tag'),
        operator: oneOf('add', 'remove', 'replace'),
        value: text,
      },
      ['component', 'operator'],
    ),
  ),
});

const deviceSchema = (layout: TwinLayout) =>
  object({
    spec: object({
      deviceModelRef: object({ name: text }, ['name']),
      nodeName: text,
      properties: list(
        object(
          {
            name: text,
            desired: twinValue,
            visitors: anything,
            collectCycle: integer,
            pushMethod: anything,
            ...reporting,
          },
          ['name'],
        ),
      ),
      protocol: anything,
      methods: list(anything),
    }),
    status: object({
      ...reporting,
      ...(layout === 'device' ? twinFields : {}),
    }),
  });

const scope = {
  nodeNames: list(text),
  labelSelector: anything,
  concurrency: integer,
  failureTolerate: text,
  timeoutSeconds: integer,
  checkItems: list(text),
};
const jobStatus = object({
  phase: oneOf('Init', 'InProgress', 'Completed', 'Failure'),
  reason: text,
  nodeStatus: list(
    object(
      {
        nodeName: text,
        phase: oneOf(
          'Pending',
          'InProgress',
          'Successful',
          'Failure',
          'Unknown',
        ),
        reason: text,
        currentVersion: text,
        historicVersion: text,
        actionFlow: list(
          object(
            {
              action: text,
              status: oneOf('True', 'False'),
              reason: text,
              time: text,
            },
            ['action', 'status'],
          ),
        ),
        imageStatus: list(
          object({ image: text, status: text, reason: text }, ['image']),
        ),
      },
      ['nodeName'],
    ),
  ),
});
const phaseColumn = { name: 'Phase', jsonPath: '.status.phase' };

/**
 * The kinds of KubeEdge that are simulated, with the fields that are obeyed or
 * kept. Up to KubeEdge 1.22 a device holds its twins, from 1.23 on a
 * DeviceStatus does.
 */
export function kubeEdgeDefinitions(layout: TwinLayout): readonly object[] {
  // The kinds of devices have no status subresource.
  const plain = { statusSubresource: false } as const;
  return [
    definition(deviceModels, { ...plain, schema: modelSchema }),
    definition(devices, { ...plain, schema: deviceSchema(layout) }),
    ...(layout === 'device'
      ? []
      : [
          definition(deviceStatuses, {
            ...plain,
            schema: object({
              spec: object({}),
              status: object({ ...twinFields, extensions: anything }),
            }),
          }),
        ]),
    definition(nodeGroups, {
      shortNames: ['ng'],
      schema: object({
        spec: object({
          nodes: list(text),
          matchLabels: textMap,
          topologyEnabled: flag,
        }),
        status: object({
          nodeStatuses: list(
            object(
              {
                nodeName: text,
                readyStatus: text,
                selectionStatus: text,
                selectionStatusReason: text,
              },
              ['nodeName'],
            ),
          ),
        }),
      }),
    }),
    definition(edgeApplications, {
      shortNames: ['eapp'],
      schema: object({
        spec: object(
          {
            workloadTemplate: object({ manifests: list(anything) }),
            workloadScope: object({
              targetNodeGroups: list(
                object({ name: text, overriders }, ['name']),
              ),
            }),
          },
          ['workloadScope'],
        ),
        status: object({
          workloadStatus: list(
            object(
              {
                identifier: object(
                  {
                    ordinal: integer,
                    group: text,
                    version: text,
                    kind: text,
                    namespace: text,
                    name: text,
                  },
                  ['ordinal'],
                ),
                conditions: text,
              },
              ['identifier'],
            ),
          ),
        }),
      }),
    }),
    definition(nodeUpgradeJobs, {
      schema: object({
        spec: object(
          {
            ...scope,
            version: text,
            image: text,
            imageDigestGatter: anything,
            requireConfirmation: flag,
          },
          ['version'],
        ),
        status: jobStatus,
      }),
      columns: [phaseColumn],
    }),
    definition(imagePrePullJobs, {
      schema: object({
        spec: object(
          {
            imagePrePullTemplate: object(
              {
                ...scope,
                images: list(text),
                retryTimes: integer,
                imageSecrets: text,
              },
              ['images'],
            ),
          },
          ['imagePrePullTemplate'],
        ),
        status: jobStatus,
      }),
      columns: [phaseColumn],
    }),
  ];
}
