// SPDX-License-Identifier: Apache-2.0
import {
  execFile,
  spawn,
  spawnSync,
  type ChildProcess,
} from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { DrillFault } from '@causeway/plugin-delivery-common';
import { faultProgram, type FaultStep } from '../faultJob';

/** What the program of a device is asked. */
export interface DeviceOrder {
  readonly drill: string;
  readonly fault: DrillFault;
  /** Seconds. */
  readonly hold: number;
  readonly lead?: number;
  readonly containers?: string;
  readonly boot?: string;
}

/** What it has answered. */
export interface DeviceAnswer {
  readonly code: number;
  /** Its last word, as a Job would tell it. */
  readonly said: string;
}

/**
 * Why no device can be made here; undefined when one can. It needs root on Linux, and programs that few
 * machines lack.
 */
export function whyNoDevice(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return 'it needs root on Linux';
  }
  const script =
    'for each in tc ip nsenter setsid fallocate mount stat timeout; do command -v $each >/dev/null || exit 3; done; ip link add far type veth peer name near && mount -t tmpfs tmpfs /mnt && mkdir "$1" && rmdir "$1"';
  const tried = spawnSync(
    'unshare',
    [
      '--net',
      '--mount',
      '--pid',
      '--fork',
      'sh',
      '-c',
      script,
      'try',
      groupNamed(`causeway-${process.pid}`),
    ],
    { encoding: 'utf8' },
  );
  return tried.status === 0
    ? undefined
    : `no namespaces, control groups, tc or ip: ${
        tried.error?.message ?? tried.stderr
      }`;
}

/** Its own processes, network, storage of 64 MB and memory of 40 MB; nothing of the machine is touched. */
const setUp = `
set -e
mount -t tmpfs tmpfs /run
mkdir "$1/groups"
mount --rbind /sys/fs/cgroup "$1/groups"
mount -t sysfs sysfs /sys
mount --rbind "$1/groups" /sys/fs/cgroup
mkdir "$2"
mount -t tmpfs -o size=64m tmpfs /var/lib
mkdir /var/lib/kubelet
mount --bind "$1/meminfo" /proc/meminfo
mount --bind "$1/cpuinfo" /proc/cpuinfo
ip link set lo up
ip link add far type veth peer name near
ip link set far up
ip link set near up
ip addr add 10.9.0.2/24 dev near
ip route add default via 10.9.0.1 dev near
echo ready
exec sleep infinity
`;

/** To all on the cable, so that nobody has to be asked for an address first. */
const sendOnePacket = `
  const socket = require('node:dgram').createSocket('udp4');
  socket.bind(() => {
    socket.setBroadcast(true);
    socket.send('hello', 9, '10.9.0.255', () => socket.close());
  });
`;

/** A device of namespaces of this machine, on which the program of Jobs runs as in a Job. */
export class NamespacedDevice {
  private constructor(
    private readonly directory: string,
    private readonly machine: ChildProcess,
    private readonly pid: string,
    /** The control group of the containers that run the program. */
    readonly group: string,
  ) {}

  static async start(): Promise<NamespacedDevice> {
    const directory = await mkdtemp(join(tmpdir(), 'causeway-device-'));
    const memory =
      'MemTotal: 40000 kB\nMemFree: 1 kB\nMemAvailable: 30000 kB\n';
    await writeFile(join(directory, 'meminfo'), memory);
    await writeFile(join(directory, 'cpuinfo'), 'processor : 0\n');
    await writeFile(join(directory, 'trigger'), '');
    await writeFile(join(directory, 'program'), faultProgram());
    const group = groupNamed(basename(directory));
    const machine = spawn(
      'unshare',
      // prettier-ignore
      ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', setUp, 'device', directory, group],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await Promise.race([
      once(machine.stdout, 'data'),
      once(machine, 'exit').then(() => {
        throw new Error('The device did not start');
      }),
    ]);
    const children = await readFile(
      `/proc/${machine.pid}/task/${machine.pid}/children`,
      'utf8',
    );
    return new NamespacedDevice(directory, machine, children.trim(), group);
  }

  /** The file by which a kernel would be told to boot. */
  get trigger(): string {
    return join(this.directory, 'trigger');
  }

  async stop(): Promise<void> {
    const gone = once(this.machine, 'exit');
    this.machine.kill('SIGKILL');
    await gone;
    await removeGroup(this.group);
    await rm(this.directory, { recursive: true, force: true });
  }

  /** One run of the program, as the container of a Job. */
  async run(
    step: FaultStep,
    { drill, fault, hold, lead = 0, containers = '', boot = '' }: DeviceOrder,
  ): Promise<DeviceAnswer> {
    const result = join(this.directory, 'result');
    await writeFile(result, '');
    const program = await readFile(join(this.directory, 'program'), 'utf8');
    // Its own control group, with which a container runtime ends all that is in it.
    const enter = 'echo 0 >"$GROUP/cgroup.procs" && eval "$PROGRAM"';
    const { code } = await this.#inside(['sh', '-c', enter, 'fault', step], {
      GROUP: this.group,
      DRILL: drill,
      FAULT: fault,
      HOLD: String(hold),
      LEAD: String(lead),
      CONTAINERS: containers,
      BOOT: boot,
      // What is written there boots nothing.
      TRIGGER: this.trigger,
      RESULT: result,
      PROGRAM: program,
    });
    return { code, said: (await readFile(result, 'utf8')).trim() };
  }

  /** What a command prints on the device. */
  async print(command: string): Promise<string> {
    return (await this.#inside(['sh', '-c', command])).printed.trim();
  }

  /** Whether a packet that the device sends arrives on the other side of its cable. */
  async reaches(): Promise<boolean> {
    const count = () =>
      this.print('cat /sys/class/net/far/statistics/rx_packets');
    const before = await count();
    await this.#inside([process.execPath, '-e', sendOnePacket]);
    return (await count()) !== before;
  }

  #inside(
    command: readonly string[],
    env: Record<string, string> = {},
  ): Promise<{ readonly code: number; readonly printed: string }> {
    return new Promise(resolve => {
      execFile(
        'nsenter',
        ['--target', this.pid, '--all', ...command],
        { env: { PATH: process.env.PATH, ...env } },
        (error, printed) => {
          const code = typeof error?.code === 'number' ? error.code : 0;
          resolve({ code, printed });
        },
      );
    });
  }
}

/** Path of a control group of this machine, of either version. */
function groupNamed(name: string): string {
  return existsSync('/sys/fs/cgroup/cgroup.controllers')
    ? `/sys/fs/cgroup/${name}`
    : `/sys/fs/cgroup/pids/${name}`;
}

/** Its processes are gone a moment after they were killed. */
async function removeGroup(path: string): Promise<void> {
  for (;;) {
    try {
      await rmdir(path);
      return;
    } catch (error) {
      if (!String(error).includes('EBUSY')) throw error;
    }
  }
}
