// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { until } from '../../actions/kubernetes/__testUtils__/beginAction';
import {
  NamespacedDevice,
  whyNoDevice,
  type DeviceOrder,
} from './__testUtils__/NamespacedDevice';
import { faultProgram } from './faultJob';

/** Waits for timers of devices, on machines that may be busy. */
jest.setTimeout(240_000);

const drill = 'a-drill';
const missing = whyNoDevice();
if (missing) {
  process.stdout.write(`No device for faults can be made here: ${missing}\n`);
}

const script = resolvePackagePath(
  '@causeway/plugin-delivery-backend',
  'src/drills/devices/fault.sh',
);
const hasLinter = !spawnSync('shellcheck', ['--version']).error;
if (!hasLinter) process.stdout.write('There is no shellcheck here.\n');

it('is plain shell, which Kubernetes hands over as it is', () => {
  // `$$` and `$(NAME)` of a variable of the container would be replaced in the fields of a container.
  expect(faultProgram()).not.toMatch(/\$\$|\$\([A-Z]+\)/);
  expect(spawnSync('sh', ['-n', script]).status).toBe(0);
});

(hasLinter ? describe : describe.skip)('for shellcheck', () => {
  it('has nothing to mind', () => {
    const linted = spawnSync('shellcheck', [script], { encoding: 'utf8' });
    expect(linted.stdout).toBe('');
  });
});

/** The process of `/proc/<number>/environ`. */
function numberIn(file: string): number {
  return Number(file.replace(/\D/g, ''));
}

(missing ? describe.skip : describe)('on a device', () => {
  let device: NamespacedDevice;
  beforeEach(async () => {
    device = await NamespacedDevice.start();
  });
  afterEach(() => device.stop());

  const order = (
    fault: DeviceOrder['fault'],
    change: Partial<DeviceOrder> = {},
  ): DeviceOrder => ({ drill, fault, hold: 600, ...change });
  const holders = async () => {
    const command = `grep -l "FAULT_OF=${drill}" /proc/[0-9]*/environ 2>/dev/null`;
    return (await device.print(command)).split('\n').filter(Boolean);
  };
  const bootId = () => device.print('cat /proc/sys/kernel/random/boot_id');
  const kill = (file: string) => device.print(`kill -KILL ${numberIn(file)}`);
  const freeIn = async (path: string) =>
    Number((await device.print(`stat -f -c '%f' ${path}`)) || NaN);
  const holds = { code: 0, said: 'The fault holds.' };
  const ended = {
    code: 0,
    said: expect.stringMatching(
      /^Nothing of the fault holds. It ended \d+ s ago.$/,
    ),
  };

  it('lets the cluster hear of it before it takes the network away', async () => {
    const off = order('networkOff', { lead: 600 });
    expect(await device.run('begin', off)).toEqual(holds);
    expect(await device.reaches()).toBe(true);
    expect((await holders()).length).toBeGreaterThan(0);
    expect(await device.run('end', off)).toEqual(ended);
    expect(await holders()).toEqual([]);
  });

  it('takes the network away, gives it back by itself, and says since when', async () => {
    const off = order('networkOff', { hold: 8 });
    expect(await device.run('begin', off)).toEqual(holds);
    await until(async () => !(await device.reaches()));
    expect(await device.print(`cat ${device.group}/cgroup.procs`)).toBe('');
    await until(() => device.reaches());
    // The second of the two comes five seconds later, and changes nothing any more.
    await until(async () => (await holders()).length === 0);
    const told = await device.run('end', off);
    expect(told).toEqual(ended);
    const ago = /ended (\d+) s ago/.exec(told.said)?.[1];
    expect(Number(ago)).toBeGreaterThanOrEqual(4);
    expect(await device.run('begin', off)).toEqual({
      code: 1,
      said: 'This drill is over on this device.',
    });
    expect(await device.reaches()).toBe(true);
  });

  it.each(['first', 'second'])(
    'gives the network back when the %s of the two that do is killed',
    async which => {
      const off = order('networkOff', { hold: 8 });
      await device.run('begin', off);
      await until(async () => !(await device.reaches()));
      const commands = await device.print(
        `for file in $(grep -l "FAULT_OF=${drill}" /proc/[0-9]*/environ); do echo $file $(tr '\\0' ' ' <\${file%environ}cmdline); done`,
      );
      // A shell that tells tc what to do, and tc, in the order of their birth.
      const files = commands
        .split('\n')
        .filter(line => !line.includes('sleep'))
        .map(line => line.split(' ')[0])
        .sort((a, b) => numberIn(a) - numberIn(b));
      expect(files).toHaveLength(4);
      const killed = which === 'first' ? files.slice(0, 2) : files.slice(2);
      for (const file of killed) await kill(file);
      await until(() => device.reaches());
      await until(async () => (await holders()).length === 0);
      expect(await device.reaches()).toBe(true);
    },
  );

  it('lets the network come and go, and ends that at once when it can be told', async () => {
    const flapping = order('networkFlapping');
    await device.run('begin', flapping);
    await until(async () => !(await device.reaches()));
    expect(await device.run('end', flapping)).toEqual(ended);
    expect(await holders()).toEqual([]);
    expect(await device.reaches()).toBe(true);
  });

  it('refuses an interface that shapes its traffic, and leaves it as it is', async () => {
    await device.print('tc qdisc add dev near root handle 5: pfifo limit 7');
    expect(await device.run('begin', order('networkOff'))).toEqual({
      code: 1,
      said: 'near shapes its traffic, which would be lost with the fault.',
    });
    expect(await device.run('end', order('networkOff'))).toEqual(ended);
    expect(await device.print('tc qdisc show dev near')).toContain('limit 7p');
  });

  it.each(['load', 'storageFull', 'memoryPressure'] as const)(
    'ends %s by itself, and at once when told',
    async fault => {
      expect(await device.run('begin', order(fault, { hold: 3 }))).toEqual(
        holds,
      );
      expect(await device.print(`cat ${device.group}/cgroup.procs`)).toBe('');
      await until(async () => (await holders()).length === 0);
      const again = order(fault, { drill: `${drill}-again` });
      expect(await device.run('begin', again)).toEqual(holds);
      // Twice changes nothing.
      const before = await holders();
      expect(await device.run('begin', again)).toEqual(holds);
      expect(await holders()).toEqual(before);
      expect(before.length).toBeGreaterThan(0);
      expect(await device.run('end', again)).toEqual(ended);
      expect(await device.run('end', again)).toEqual(ended);
      expect(await holders()).toEqual([]);
    },
  );

  it('fills the storage with a file that nobody can find, and that goes with its process', async () => {
    const free = await freeIn('/var/lib/kubelet');
    await device.run('begin', order('storageFull'));
    expect((await freeIn('/var/lib/kubelet')) / free).toBeLessThan(0.04);
    expect(await device.print('ls -A /var/lib/kubelet')).toBe('');
    for (const file of await holders()) await kill(file);
    await until(async () => (await freeIn('/var/lib/kubelet')) === free);
  });

  it('takes the memory that is left but for 3 %, and would be the first to go', async () => {
    await device.run('begin', order('memoryPressure'));
    const [holder] = await holders();
    const folder = holder.replace('/environ', '');
    expect(await device.print(`stat -c '%s' ${folder}/root/mnt/taken`)).toBe(
      String((30_000 - 1_200) * 1_024),
    );
    expect(await device.print(`cat ${folder}/oom_score_adj`)).toBe('1000');
  });

  it('boots suddenly, once, and from no other boot than it is told', async () => {
    const told = () => device.print(`cat ${device.trigger}`);
    const boot = (id: string) =>
      device.run('begin', order('suddenReboot', { boot: id, lead: 3 }));
    expect(await boot('another')).toEqual({
      code: 1,
      said: 'The device has booted since this was ordered, and does not do so again.',
    });
    expect(await told()).toBe('');
    expect(await boot(await bootId())).toEqual(holds);
    expect(await device.print(`cat ${device.group}/cgroup.procs`)).toBe('');
    await until(async () => (await told()) !== '');
    expect(await told()).toBe('b');
    await until(async () => (await holders()).length === 0);
    await device.print(`: >${device.trigger}`);
    expect(await boot(await bootId())).toEqual(holds);
    expect(await holders()).toEqual([]);
    expect(await told()).toBe('');
  });

  it('does not boot when that is ended before', async () => {
    const boot = order('suddenReboot', { boot: await bootId(), lead: 60 });
    expect(await device.run('begin', boot)).toEqual(holds);
    expect(await device.run('end', boot)).toEqual(ended);
    expect(await holders()).toEqual([]);
    expect(await device.print(`cat ${device.trigger}`)).toBe('');
    expect(await device.run('begin', boot)).toMatchObject({ code: 1 });
  });

  it('kills the containers that it is told and no others, all of them or none', async () => {
    const [one, other, gone] = ['a', 'b', 'c'].map(each => each.repeat(64));
    // What a runtime does: a process of its own in a control group named after the container.
    const start = (id: string) =>
      device.print(
        `mkdir ${device.group}/${id}; sh -c 'echo 0 >${device.group}/${id}/cgroup.procs; (sleep 600 & wait)' >/dev/null 2>&1 &`,
      );
    const alive = async (id: string) =>
      (await device.print(`cat ${device.group}/${id}/cgroup.procs`)) !== '';
    for (const id of [one, other]) {
      await start(id);
      await until(() => alive(id));
    }
    const restart = (drillId: string, containers: string) =>
      device.run(
        'begin',
        order('containerRestart', { drill: drillId, containers }),
      );
    expect(await restart('first', `${one} ${gone}`)).toMatchObject({ code: 1 });
    expect(await alive(one)).toBe(true);
    expect(await restart('second', one)).toEqual(holds);
    const main = (id: string) =>
      device.print(`head -n 1 ${device.group}/${id}/cgroup.procs`);
    expect(await main(other)).not.toBe('');
    expect(await restart('second', other)).toEqual(holds);
    expect(await alive(other)).toBe(true);
    await device.print(
      `for id in ${one} ${other}; do for each in $(cat ${device.group}/$id/cgroup.procs); do kill -KILL $each; done; done; sleep 1; rmdir ${device.group}/${one} ${device.group}/${other}`,
    );
  });
});
