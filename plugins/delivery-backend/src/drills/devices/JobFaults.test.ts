// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { V1Job, V1Node } from '@kubernetes/client-node';
import { until } from '../../actions/kubernetes/__testUtils__/beginAction';
import { FaultRefused, type FaultOrder } from '../DrillExecutor';
import {
  administrator,
  aFault,
  JobStage,
  namespace,
  near,
  silent,
  stranger,
  target,
} from './__testUtils__/JobStage';
import { faultJobName } from './faultJob';
import type { JobFaults } from './JobFaults';

/** A real server and controllers, on machines that may be busy. */
jest.setTimeout(240_000);

const { signal } = new AbortController();
let directory: string;
let stage: JobStage;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'causeway-faults-'));
  stage = await JobStage.start(directory);
});
afterAll(async () => {
  await stage?.stop();
  await rm(directory, { recursive: true, force: true });
});
beforeEach(() => {
  stage.ahead = 0;
});

const jobsOf = async (drill: string) => {
  const { items } = await stage.admin.list<V1Job>(
    'batch/v1',
    'Job',
    namespace,
    undefined,
    undefined,
    undefined,
    undefined,
    `causeway.dev/drill=${drill}`,
  );
  return items;
};
const environmentOf = ({ spec }: V1Job) =>
  Object.fromEntries(
    (spec?.template.spec?.containers[0].env ?? []).map(({ name, value }) => [
      name,
      value,
    ]),
  );
/** Asks as drills do, until it is so. What is refused is not asked again. */
async function untilDone<T>(ask: () => Promise<T>): Promise<T> {
  const done: T[] = [];
  await until(async () => {
    try {
      done.push(await ask());
    } catch (error) {
      if (error instanceof FaultRefused) throw error;
    }
    return done.length > 0;
  });
  return done[0];
}
const begin = (order: FaultOrder, faults: JobFaults = stage.faults()) =>
  untilDone(() => faults.begin(order, signal));
const end = (order: FaultOrder, faults: JobFaults = stage.faults()) =>
  untilDone(() => faults.end(order, signal));

it('begins and ends by one Job each, whoever asks and however often', async () => {
  const order = aFault('often');
  await expect(stage.faults().begin(order, signal)).rejects.toThrow(
    'bench-pi-01: its Job was made.',
  );
  await begin(order);
  await begin(order);
  const [job, ...others] = await jobsOf('often');
  expect(others).toEqual([]);
  expect(job.spec).toMatchObject({
    backoffLimit: 0,
    activeDeadlineSeconds: 90,
  });
  expect(job.spec?.template.spec).toMatchObject({
    nodeName: near.name,
    hostPID: true,
    hostNetwork: true,
    automountServiceAccountToken: false,
    containers: [{ image: 'drill:1', securityContext: { privileged: true } }],
  });
  expect(environmentOf(job)).toMatchObject({
    DRILL: 'often',
    FAULT: 'load',
    // Two minutes more than it is to hold: nobody needs to end it.
    HOLD: '420',
  });
  const { at } = await end(order);
  expect(Date.parse(at ?? '')).toBeLessThanOrEqual(Date.now());
  expect(await end(order)).toEqual({ at });
  expect(await jobsOf('often')).toHaveLength(2);
});

/** Of a fault with which the device goes: first it is only announced. */
async function beginAnnounced(order: FaultOrder): Promise<void> {
  const faults = stage.faults();
  await until(async () => {
    const told = await faults.begin(order, signal).catch(String);
    return String(told).includes('is about to go');
  });
  stage.ahead = 21_000;
  await faults.begin(order, signal);
}

it('takes the network away only when the cluster has heard of it, and for no longer than planned', async () => {
  const order = aFault('away', { fault: 'networkOff' });
  await beginAnnounced(order);
  expect(environmentOf((await jobsOf('away'))[0])).toMatchObject({
    HOLD: '300',
    LEAD: '20',
  });
});

it('lets a device boot only when the cluster has heard of it, and only from the boot that it has', async () => {
  const order = aFault('boot', { fault: 'suddenReboot' });
  await beginAnnounced(order);
  const { status } = await stage.admin.read<V1Node>({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: near.name },
  });
  const boot = status?.nodeInfo?.bootID;
  expect(boot).toMatch(/^[0-9a-f-]{36}$/);
  expect(environmentOf((await jobsOf('boot'))[0])).toMatchObject({
    LEAD: '20',
    BOOT: boot,
  });
  stage.ahead = 0;
  await end(order);
  const blind = { ...order, drill: 'blind', devices: [silent] };
  await expect(stage.faults().begin(blind, signal)).rejects.toThrow(
    'does not tell its boot',
  );
});

it('waits for a device that does not answer, and says so; of one that never comes back its own timer counts', async () => {
  const order = aFault('silent', { devices: [near, silent] });
  const faults = stage.faults();
  const told = (ask: 'begin' | 'end') =>
    faults[ask](order, signal).then(() => 'done', String);
  await until(async () =>
    (
      await told('begin')
    ).includes(`Error: ${silent.name}: the device has not taken it up yet.`),
  );
  await until(
    async () =>
      (await told('end')) ===
      `Error: ${silent.name}: the device has not taken it up yet.`,
  );
  stage.ahead = 3_600_000;
  expect(await told('end')).toContain('has not taken it up yet');
  await stage.admin.delete({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: silent.name },
  });
  stage.ahead = 0;
  expect(await told('end')).toContain('has not taken it up yet');
  stage.ahead = 3_600_000;
  expect(await told('end')).toBe('done');
});

it('has nothing to end where nothing was begun', async () => {
  expect(await stage.faults().end(aFault('never'), signal)).toEqual({});
  expect(await jobsOf('never')).toEqual([]);
});

it('waits for the right to look, but no longer than a device can hold a fault', async () => {
  const order = aFault('never');
  const blind = stage.faults({ user: stranger });
  stage.ahead = 600_000;
  await expect(blind.end(order, signal)).rejects.toThrow('forbidden');
  // Two minutes to begin, the Job's and the script's time, five minutes, and two for the device to end it.
  stage.ahead = 800_000;
  expect(await blind.end(order, signal)).toEqual({});
});

it.each<
  [string, string, Parameters<JobStage['faults']>[0], Partial<FaultOrder>]
>([
  ['no namespace', 'in the namespace "nowhere"', { namespace: 'nowhere' }, {}],
  [
    'no namespace for whom may do all',
    'has no namespace nowhere',
    { namespace: 'nowhere', user: administrator },
    {},
  ],
  [
    'no such device',
    'has no such node',
    {},
    { devices: [{ ...near, name: 'gone' }] },
  ],
  ['no right', 'bench-pi-01: ', { user: stranger }, {}],
  ['a Job that fails', 'ended with code 1', { image: 'drill:1-bad' }, {}],
  [
    'no container to restart',
    'not every container of the service runs there',
    {},
    { fault: 'containerRestart' },
  ],
])('refuses for good because of %s', async (why, message, config, change) => {
  const order = aFault(why.toLowerCase().replaceAll(' ', '-'), change);
  const told = await begin(order, stage.faults(config)).catch(error => error);
  expect(told).toBeInstanceOf(FaultRefused);
  expect(told.message).toContain(message);
});

it('kills just the containers of the service that run there', async () => {
  const { namespace: home, name } = target.workload;
  const labels = { app: name };
  const daemons = (app: string) => ({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: app, namespace: home },
    spec: {
      selector: { matchLabels: { ...labels, own: app } },
      template: {
        metadata: { labels: { ...labels, own: app } },
        spec: {
          containers: ['one', 'two'].map(each => ({ name: each, image: each })),
        },
      },
    },
  });
  await stage.admin.create(daemons(name));
  await stage.admin.create(daemons('another'));
  const order = aFault('restart', { fault: 'containerRestart' });
  await until(async () => {
    const told = await stage.faults().begin(order, signal).catch(String);
    return !String(told).includes('not every container');
  });
  await begin(order);
  const [job] = await jobsOf('restart');
  const ids = environmentOf(job).CONTAINERS?.split(' ') ?? [];
  expect(ids).toHaveLength(2);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{64}$/);
  expect(job.metadata?.name).toBe(faultJobName('restart', near, 'begin'));
});
