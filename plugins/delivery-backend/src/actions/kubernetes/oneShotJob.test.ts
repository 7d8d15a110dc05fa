// SPDX-License-Identifier: Apache-2.0
import { ConfigReader } from '@backstage/config';
import type { DeviceActionCluster } from '@causeway/plugin-delivery-node';
import { readActionConfig } from '../readActionConfig';
import { beginAction } from './__testUtils__/beginAction';
import { nodePath } from './nodes';
import { oneShotJob } from './oneShotJob';

const command = ['systemctl', 'reboot'];
const [job] = readActionConfig(
  new ConfigReader({
    delivery: {
      actions: {
        jobs: [
          {
            kind: 'backup',
            namespace: 'actions',
            image: 'registry.example/edge-tools:1.4.0',
            command,
            args: ['--now'],
          },
        ],
      },
    },
  }),
).jobs;

/** The Job that is made on a node of this name. */
async function jobOn(name: string): Promise<object> {
  const made: object[] = [];
  const cluster: Partial<DeviceActionCluster> = {
    get: async path =>
      path === nodePath(name) ? { metadata: { name } } : undefined,
    create: async (_, body) => {
      made.push(body);
      return { kind: 'created' };
    },
  };
  const action = await beginAction(oneShotJob(job), {
    node: name,
    cluster: () => cluster as DeviceActionCluster,
  });
  await action.turn();
  expect(made).toHaveLength(1);
  return JSON.parse(JSON.stringify(made[0]));
}

it.each([
  'oslo-pi-01',
  '$(reboot)',
  '; rm -rf / #',
  '`id`',
  '$(NODE_NAME)',
  '../../etc/passwd',
  'a\n  hostNetwork: true',
  '"}],"hostPID":true,"x":[{"y":"',
  '{{constructor}}',
  '<img src=x onerror=alert(1)>',
  '__proto__',
])(
  'runs on a device called %j what is configured and nothing else',
  async name => {
    expect(await jobOn(name)).toEqual({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name: expect.stringMatching(/^causeway-action-action-\d+-1$/),
        namespace: 'actions',
        labels: {
          'app.kubernetes.io/managed-by': 'causeway',
          'causeway.dev/action': expect.stringMatching(/^action-\d+$/),
        },
        annotations: {
          'causeway.dev/device': name,
          'causeway.dev/attempt': '1',
        },
      },
      spec: {
        backoffLimit: 0,
        activeDeadlineSeconds: expect.any(Number),
        ttlSecondsAfterFinished: expect.any(Number),
        template: {
          metadata: { labels: expect.any(Object) },
          spec: {
            nodeName: name,
            tolerations: [{ operator: 'Exists' }],
            restartPolicy: 'Never',
            automountServiceAccountToken: false,
            containers: [
              {
                name: 'action',
                image: 'registry.example/edge-tools:1.4.0',
                command,
                args: ['--now'],
                securityContext: {
                  allowPrivilegeEscalation: false,
                  capabilities: { drop: ['ALL'] },
                  seccompProfile: { type: 'RuntimeDefault' },
                },
              },
            ],
          },
        },
      },
    });
  },
);
