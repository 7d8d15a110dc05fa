// SPDX-License-Identifier: Apache-2.0
import { startOf } from '../controllers/workloads/podLife';
import type { Node } from '../controllers/workloads/workloads';
import { DeviceStage, hasCondition, jetson, pi } from '../testing/DeviceStage';
import { offlineStory } from '../testing/offlineStory';

jest.setTimeout(300_000);

const minute = 60_000;

describe('a cluster of devices', () => {
  let stage: DeviceStage;

  beforeEach(async () => {
    stage = await DeviceStage.start();
  });

  afterEach(() => stage?.stop());

  it('goes on with its work while it is away, misses a release, and catches up', async () => {
    expect.hasAssertions();
    await offlineStory(stage);
  });

  it('says the same by its node and by its metrics', async () => {
    const troubles = [
      stage.begin({ kind: 'gpuLost', devices: [jetson] }),
      stage.begin({ kind: 'storageFull', devices: [pi] }),
      stage.begin({ kind: 'memoryPressure', devices: [pi] }),
      stage.begin({ kind: 'undervoltage', devices: [pi] }),
    ];
    const offered = ({ status }: Node) =>
      status?.allocatable?.['nvidia.com/gpu'];
    await stage.node(jetson, state => offered(state) === '0');
    await stage.node(pi, hasCondition('DiskPressure', 'True'));
    await stage.node(pi, hasCondition('MemoryPressure', 'True'));
    await stage.scheduler.sleep(minute);
    const full =
      '1 - node_filesystem_avail_bytes / node_filesystem_size_bytes > 0.9';
    expect(Object.keys(await stage.query(full))).toEqual([pi]);
    const tight =
      'node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < 0.05';
    expect(Object.keys(await stage.query(tight))).toEqual([pi]);
    expect(
      await stage.query(
        'count_over_time(tegrastats_gr3d_freq_percentage[30s])',
      ),
    ).toEqual({});
    expect(await stage.query('node_hwmon_in_lcrit_alarm_volts')).toEqual({
      [pi]: 1,
      'lab-pi-02': 0,
    });
    expect(await stage.query('vcgencmd_get_throttled{bit="0x50005"}')).toEqual({
      [pi]: 1,
    });
    troubles.forEach(({ end }) => end());
    await stage.node(jetson, state => offered(state) === '1');
    await stage.node(pi, hasCondition('DiskPressure', 'False'));
    await stage.node(pi, hasCondition('MemoryPressure', 'False'));
  });

  it('boots, and its pods start again', async () => {
    const before = await stage.node(pi, () => true);
    const pod = await stage.running(pi, '1.0.0');
    stage.begin({ kind: 'reboot', devices: [pi] });
    await stage.node(
      pi,
      ({ status }) =>
        status?.nodeInfo?.bootID !== before.status?.nodeInfo?.bootID,
    );
    await stage.restarted(pod, 1);
    // The next scrape is the first to see it.
    await stage.scheduler.sleep(30_000);
    const uptime = await stage.query('time() - node_boot_time_seconds');
    expect(uptime[pi]).toBeLessThan(600);
    expect(uptime[jetson]).toBeGreaterThan(600);
  });

  it('pulls an image as slowly as its line is', async () => {
    const line = stage.begin({
      kind: 'bandwidth',
      devices: [pi],
      parameters: { kilobitsPerSecond: 128 },
    });
    await stage.release('1.2.0');
    const secondsToStart = async (device: string) => {
      const pod = await stage.running(device, '1.2.0');
      const started = startOf(pod) ?? NaN;
      return (started - Date.parse(pod.metadata.creationTimestamp)) / 1000;
    };
    expect(await secondsToStart(jetson)).toBeLessThan(30);
    expect(await secondsToStart(pi)).toBeGreaterThan(60);
    line.end();
  });
});
