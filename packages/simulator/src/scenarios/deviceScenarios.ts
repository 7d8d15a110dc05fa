// SPDX-License-Identifier: Apache-2.0
import type {
  ParameterSchema,
  ParameterValues,
  ScenarioSubject,
} from '@causeway/plugin-simulation-common';
import { deviceParameters, mustChooseDevices } from './chooseDevices';
import type { EffectRequest } from '../devices/effects';
import { Scenario, ScenarioWorld, StartedScenario } from './Scenario';
import { parametersOf } from './schemas';

interface DeviceScenario {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly subject: Extract<ScenarioSubject, 'device' | 'network'>;
  readonly settings?: Readonly<Record<string, ParameterSchema>>;
  /** Settings that are words and may be left out. */
  readonly texts?: Readonly<Record<string, ParameterSchema>>;
  readonly effect: (
    devices: readonly string[],
    settings: Readonly<Record<string, number>>,
    texts: Readonly<Record<string, string | undefined>>,
  ) => EffectRequest;
  /** How many of the fitting devices it meets unless otherwise asked for. Default 100. */
  readonly percentage?: number;
  /** Needs a site, not just any devices. */
  readonly ofOneSite?: boolean;
  /** The only kind of device that it can happen to. */
  readonly hardware?: string;
}

const jetson = 'jetson-orin-nx';

function quantity(
  title: string,
  range: { minimum: number; maximum: number; default: number },
  unit: string,
): ParameterSchema {
  return { type: 'number', title, ...range, unit };
}

function text(title: string, description: string): ParameterSchema {
  return { type: 'string', title, description, maxLength: 253 };
}

const descriptions: readonly DeviceScenario[] = [
  {
    name: 'offline',
    title: 'Devices offline',
    description:
      'Devices lose their network for 1, 5 or 30 minutes or as long as you want. They keep running what they have, miss new work, and catch up when it stops.',
    subject: 'network',
    effect: devices => ({ kind: 'offline', devices }),
  },
  {
    name: 'site-outage',
    title: 'Site outage',
    description:
      'A whole site loses its uplink. Its devices keep running what they have and catch up when it stops.',
    subject: 'network',
    effect: devices => ({ kind: 'offline', devices }),
    ofOneSite: true,
  },
  {
    name: 'half-site-lost',
    title: 'Half a site lost',
    description:
      'Half of the devices of a site lose power at once. They boot again when it stops.',
    subject: 'device',
    effect: devices => ({ kind: 'powerOff', devices }),
    ofOneSite: true,
    percentage: 50,
  },
  {
    name: 'flapping-network',
    title: 'Flapping network',
    description:
      'The network of devices comes and goes. It is steady again when it stops.',
    subject: 'network',
    settings: {
      period: quantity(
        'Period',
        { minimum: 2, maximum: 3600, default: 60 },
        's',
      ),
      away: quantity(
        'Away for',
        { minimum: 1, maximum: 99, default: 50 },
        '% of it',
      ),
    },
    effect: (devices, { period, away }) => ({
      kind: 'flapping',
      devices,
      parameters: { period, awayShare: away / 100 },
    }),
  },
  {
    name: 'high-latency',
    title: 'High latency',
    description:
      'Packets to and from devices take longer. Stopping restores their latency.',
    subject: 'network',
    settings: {
      milliseconds: quantity(
        'Latency added',
        { minimum: 1, maximum: 60000, default: 800 },
        'ms',
      ),
    },
    effect: (devices, { milliseconds }) => ({
      kind: 'latency',
      devices,
      parameters: { milliseconds },
    }),
  },
  {
    name: 'low-bandwidth',
    title: 'Low bandwidth',
    description:
      'The uplink of devices gets narrow: images take long to pull. Stopping widens it again.',
    subject: 'network',
    settings: {
      kilobits: quantity(
        'No more than',
        { minimum: 1, maximum: 1000000, default: 256 },
        'kbit/s',
      ),
    },
    effect: (devices, { kilobits }) => ({
      kind: 'bandwidth',
      devices,
      parameters: { kilobitsPerSecond: kilobits },
    }),
  },
  {
    name: 'packet-loss',
    title: 'Packet loss',
    description:
      'A share of the packets to and from devices is lost. Stopping ends the loss.',
    subject: 'network',
    settings: {
      lost: quantity(
        'Lost packets',
        { minimum: 1, maximum: 100, default: 20 },
        '%',
      ),
    },
    effect: (devices, { lost }) => ({
      kind: 'packetLoss',
      devices,
      parameters: { share: lost / 100 },
    }),
  },
  {
    name: 'heat',
    title: 'Heat',
    description:
      'It gets hot around devices; they throttle when their temperature passes the limit of their kind. They cool down when it stops.',
    subject: 'device',
    settings: {
      degrees: quantity(
        'Warmer by',
        { minimum: 1, maximum: 80, default: 38 },
        '°C',
      ),
    },
    effect: (devices, { degrees }) => ({
      kind: 'heat',
      devices,
      parameters: { degrees },
    }),
  },
  {
    name: 'high-load',
    title: 'High load',
    description:
      'Something besides the services keeps CPU and GPU of devices busy. It goes away when it stops.',
    subject: 'device',
    settings: {
      cpu: quantity('CPU', { minimum: 0, maximum: 100, default: 95 }, '%'),
      gpu: quantity('GPU', { minimum: 0, maximum: 100, default: 95 }, '%'),
    },
    effect: (devices, { cpu, gpu }) => ({
      kind: 'load',
      devices,
      parameters: { cpu: cpu / 100, gpu: gpu / 100 },
    }),
  },
  {
    name: 'undervoltage',
    title: 'Undervoltage',
    description:
      'The power supply of Raspberry Pis is too weak: they report undervoltage and throttle. Stopping gives them a good one.',
    subject: 'device',
    effect: devices => ({ kind: 'undervoltage', devices }),
  },
  {
    name: 'storage-full',
    title: 'Storage full',
    description:
      'The disk of devices fills up: their nodes report disk pressure. The space is given back when it stops.',
    subject: 'device',
    settings: {
      full: quantity(
        'Filled up to',
        { minimum: 50, maximum: 100, default: 97 },
        '%',
      ),
    },
    effect: (devices, { full }) => ({
      kind: 'storageFull',
      devices,
      parameters: { share: full / 100 },
    }),
  },
  {
    name: 'memory-pressure',
    title: 'Memory pressure',
    description:
      'Devices run out of memory: their nodes report memory pressure. It is freed when it stops.',
    subject: 'device',
    settings: {
      taken: quantity(
        'Taken up to',
        { minimum: 50, maximum: 100, default: 97 },
        '%',
      ),
    },
    effect: (devices, { taken }) => ({
      kind: 'memoryPressure',
      devices,
      parameters: { share: taken / 100 },
    }),
  },
  {
    name: 'gpu-lost',
    title: 'GPU lost',
    description:
      'The GPU of Jetsons falls off the bus: their nodes offer none. It is back when it stops.',
    subject: 'device',
    effect: devices => ({ kind: 'gpuLost', devices }),
    hardware: jetson,
  },
  {
    name: 'clock-skew',
    title: 'Clock skew',
    description:
      'The clocks of devices are wrong, and so are the times that they report. They are right again when it stops.',
    subject: 'device',
    settings: {
      seconds: quantity(
        'Ahead by',
        { minimum: -86400, maximum: 86400, default: 600 },
        's',
      ),
    },
    effect: (devices, { seconds }) => ({
      kind: 'clockSkew',
      devices,
      parameters: { seconds },
    }),
  },
  {
    name: 'power-off',
    title: 'Power off',
    description:
      'Devices lose power. They boot when it stops, and their pods start again.',
    subject: 'device',
    effect: devices => ({ kind: 'powerOff', devices }),
  },
  {
    name: 'reboot',
    title: 'Reboot',
    description:
      'Devices restart once; their pods start again after the boot. Stopping changes nothing about that.',
    subject: 'device',
    effect: devices => ({ kind: 'reboot', devices }),
  },
  {
    name: 'container-restart',
    title: 'Container restart',
    description:
      'The containers on devices are killed once, as by a crash; their kubelet starts them again. Stopping changes nothing about that.',
    subject: 'device',
    texts: {
      namespace: text('Namespace', 'All namespaces when left out.'),
      workload: text('Workload', 'All workloads when left out.'),
    },
    effect: (devices, _, { namespace, workload }) => ({
      kind: 'containerRestart',
      devices,
      parameters: { namespace, workload },
    }),
  },
];

/** Scenarios in which something happens to devices or to their network. */
export const deviceScenarios: readonly Scenario[] = descriptions.map(
  ({ name, title, description, subject, ...how }) => ({
    name,
    title,
    description,
    subject,
    isPossible: world => (world.devices?.all.length ?? 0) > 0,
    parameters: world => schemaOf(world, how),
    start: (world, parameters) => trouble(world, how, parameters),
  }),
);

type How = Omit<DeviceScenario, 'name' | 'title' | 'description' | 'subject'>;

function schemaOf(
  world: ScenarioWorld,
  { settings = {}, texts = {}, percentage = 100, ofOneSite, hardware }: How,
) {
  const choice = deviceParameters(world, { percentage, hardware });
  return parametersOf({ ...settings, ...texts, ...choice }, [
    ...Object.keys(texts),
    ...(ofOneSite ? [] : ['site']),
    'hardware',
    'device',
  ]);
}

async function trouble(
  world: ScenarioWorld,
  { effect, settings = {}, texts = {} }: How,
  parameters: ParameterValues,
): Promise<StartedScenario> {
  if (!world.devices) throw new Error('This world has no devices');
  const textOf = (name: string) =>
    parameters[name] === undefined ? undefined : String(parameters[name]);
  const devices = mustChooseDevices(world, {
    site: textOf('site'),
    hardware: textOf('hardware'),
    device: textOf('device'),
    percentage: Number(parameters.percentage),
  });
  const chosen = Object.fromEntries(
    Object.keys(settings).map(name => [name, Number(parameters[name])]),
  );
  const words = Object.fromEntries(
    Object.keys(texts).map(name => [name, textOf(name)]),
  );
  const running = world.devices.effects.begin(effect(devices, chosen, words));
  return { stop: async () => running.end() };
}
