// SPDX-License-Identifier: Apache-2.0
import { probeJob, testedPod } from './probeJob';

const probe = {
  name: 'belt-moves',
  image: 'belt-probe:1.4.0',
  command: ['/probe', '--once'],
  timeout: 30,
  start: 60,
};
const order = {
  name: 'causeway-probe-1',
  namespace: 'probes',
  promotion: 'p',
  device: 'edge/oslo-1',
  node: 'oslo-1',
  digests: ['sha256:a', 'sha256:b'],
};
const pod = {
  metadata: { namespace: 'sorting', name: 'belt-x2' },
  spec: {
    tolerations: [
      { key: 'node-role.kubernetes.io/edge', effect: 'NoSchedule' },
      { key: 'wet', operator: 'Exists', effect: 'NoExecute' },
      { operator: 'Exists' },
    ],
  },
  status: { podIP: '10.42.0.7' },
};

it('is told what it tests, is bound to the device, and has no token', () => {
  const tested = testedPod(pod)!;
  expect(probeJob(order, probe, tested)).toMatchObject({
    metadata: { name: 'causeway-probe-1', namespace: 'probes' },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: 150,
      template: {
        spec: {
          nodeName: 'oslo-1',
          activeDeadlineSeconds: 90,
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          tolerations: [
            { key: 'wet', operator: 'Exists', effect: 'NoExecute' },
            { operator: 'Exists', effect: 'NoExecute' },
          ],
          containers: [
            {
              image: 'belt-probe:1.4.0',
              command: ['/probe', '--once'],
              env: [
                { name: 'PROBE_NODE', value: 'oslo-1' },
                { name: 'PROBE_NAMESPACE', value: 'sorting' },
                { name: 'PROBE_POD', value: 'belt-x2' },
                { name: 'PROBE_POD_IP', value: '10.42.0.7' },
                { name: 'PROBE_IMAGE_DIGEST', value: 'sha256:a sha256:b' },
              ],
            },
          ],
        },
      },
    },
  });
});

it('has the token of the account that is configured, and of no other', () => {
  const own = { ...probe, serviceAccount: 'probes' };
  expect(probeJob(order, own, testedPod(pod)!)).toMatchObject({
    spec: {
      template: {
        spec: {
          automountServiceAccountToken: true,
          serviceAccountName: 'probes',
        },
      },
    },
  });
});

it('tests no pod that has no address', () => {
  expect(testedPod({ ...pod, status: {} })).toBeUndefined();
  expect(testedPod(undefined)).toBeUndefined();
});
