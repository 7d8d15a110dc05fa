// SPDX-License-Identifier: Apache-2.0
import { DeviceStage, hasCondition, jetson, pi } from './DeviceStage';

/** Two scrapes and a little: who was heard of lately has a value. */
const lately = 'count_over_time(node_load1[35s])';

/** Resolves when Prometheus has heard of a device, or has not, in its last scrapes. */
async function untilHeard(
  stage: DeviceStage,
  device: string,
  isHeard: boolean,
): Promise<void> {
  await stage.eventually(async () => {
    const up = await stage.query('up{job="node-exporter"}');
    const heard = device in (await stage.query(lately));
    return (up[device] === 1) === isHeard && heard === isHeard
      ? true
      : undefined;
  });
}

/**
 * A device loses its network, goes on with its work, misses a release that
 * another one takes, and catches up when it is back. Its node, its pods and
 * its metrics tell the same.
 */
export async function offlineStory(stage: DeviceStage): Promise<void> {
  await untilHeard(stage, pi, true);
  const before = await stage.running(pi, '1.0.0');
  const { end } = stage.begin({ kind: 'offline', devices: [pi] });
  const silent = await stage.node(pi, hasCondition('Ready', 'Unknown'));
  expect(hasCondition('MemoryPressure', 'Unknown')(silent)).toBe(true);
  const lastSeen = await stage.lease(pi);

  await stage.release('1.1.0');
  await stage.running(jetson, '1.1.0');
  await untilHeard(stage, pi, false);
  expect(await stage.lease(pi)).toBe(lastSeen);
  expect(await stage.imagesOn(pi)).toEqual(['belt:1.0.0']);
  expect(await stage.imagesOn(jetson)).toEqual(['belt:1.1.0']);
  expect(await stage.query('probe_success')).toMatchObject({
    [pi]: 0,
    [jetson]: 1,
  });
  const heard = Object.keys(await stage.query(lately));
  expect(heard).toContain(jetson);
  // The device itself has not stopped: it is only that nobody hears of it.
  const device = stage.world.plan.deviceNamed(pi);
  const state = device && stage.world.stateAt(device, stage.scheduler.now());
  expect(state).toMatchObject({ running: true, connected: false });
  expect(
    hasCondition('Ready', 'True')(await stage.node(jetson, () => true)),
  ).toBe(true);

  end();
  await stage.node(pi, hasCondition('Ready', 'True'));
  const after = await stage.running(pi, '1.1.0');
  expect(after.metadata.uid).not.toBe(before.metadata.uid);
  await stage.eventually(async () =>
    (await stage.imagesOn(pi)).join() === 'belt:1.1.0' ? true : undefined,
  );
  expect(await stage.lease(pi)).not.toBe(lastSeen);
  await untilHeard(stage, pi, true);
}
