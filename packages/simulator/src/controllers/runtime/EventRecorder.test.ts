// SPDX-License-Identifier: Apache-2.0
import { EventRecorder } from './EventRecorder';
import type { KubernetesClient } from './KubernetesClient';
import type { KubernetesObject, Resource } from './resources';

const daemonSets: Resource = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  namespaced: true,
};

function object(name: string): KubernetesObject {
  return {
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-of-${name}`,
      resourceVersion: '1',
      creationTimestamp: '2026-05-07T12:00:00Z',
    },
  };
}

test('says 25 things about an object at once and one in five minutes after them, as client-go does', async () => {
  const written: string[] = [];
  const client = {
    create: async (_: Resource, __: string, { message }: { message: string }) =>
      void written.push(message),
  };
  let now = Date.UTC(2026, 4, 7, 12);
  const recorder = new EventRecorder(
    client as unknown as KubernetesClient,
    'daemonset-controller',
    () => new Date(now),
    () => undefined,
  );
  const note = (name: string, message: string) =>
    recorder.note(daemonSets, object(name), {
      type: 'Normal',
      reason: 'SuccessfulCreate',
      message,
    });
  for (let pod = 0; pod < 60; pod++) note('belt', `pod ${pod}`);
  note('other', 'pod of another');
  await recorder.flush();
  expect(written).toHaveLength(26);
  expect(written).toContain('pod 24');
  expect(written).not.toContain('pod 25');

  now += 300_000;
  note('belt', 'five minutes later');
  note('belt', 'too soon again');
  await recorder.flush();
  expect(written.slice(26)).toEqual(['five minutes later']);
});
