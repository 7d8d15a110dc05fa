// SPDX-License-Identifier: Apache-2.0
import { planDefinitions } from '@causeway/simulator';
import {
  startSimulatedEdge,
  type SimulatedEdge,
} from './__testUtils__/simulatedEdge';
import { ServedKind } from './ServedKind';

/** A real server, on machines that may be busy. */
jest.setTimeout(120_000);

let edge: SimulatedEdge;
beforeAll(async () => {
  edge = await startSimulatedEdge({
    nodes: [],
    controllers: { controllers: [] },
  });
});
afterAll(() => edge?.stop());

const until = async (isTrue: () => boolean) => {
  while (!isTrue()) {
    await new Promise(resolve => {
      setTimeout(resolve, 10);
    });
  }
};

it('knows whether a cluster serves a kind, and takes nothing else for a no', async () => {
  let answers = 0;
  const stop = new AbortController();
  const plans = new ServedKind(
    { name: 'plans.upgrade.cattle.io', api: 'upgrade.cattle.io/v1' },
    {
      transport: {
        async get(path, signal) {
          const answer = await edge.transport.get(path, signal);
          answers += 1;
          return answer;
        },
      },
      limits: { missingPause: 10 },
      clock: () => new Date(),
    },
  );
  const answered = async () => {
    const before = answers;
    await until(() => answers > before + 1);
  };
  expect(plans.missing).toBe(false);
  const following = plans.follow(stop.signal);
  await until(() => plans.missing);
  // A cluster that does not answer has not begun to serve it, nor one that does not say it.
  const broken = await edge.faults.add({ kind: 'error' });
  await answered();
  expect(plans.missing).toBe(true);
  await edge.faults.remove(broken.id);
  const closed = await edge.faults.add({ kind: 'forbidden' });
  await until(() => !plans.missing);
  await edge.faults.remove(closed.id);
  await until(() => plans.missing);
  await edge.define(planDefinitions);
  await until(() => !plans.missing);
  await answered();
  expect(plans.missing).toBe(false);
  stop.abort();
  await following;
});
