// SPDX-License-Identifier: Apache-2.0
import { startMetricsServer } from '../metrics/startMetricsServer';
import { Traffic } from '../metrics/Traffic';
import type { TrafficEffect } from '../metrics/traffic/effects';
import { acceleratedScheduler } from '../time/Scheduler';
import { FlaggerStage, StageOptions } from './FlaggerStage';
import { historyOf } from './FlaggerWitness';

/** What became of a new version. */
export interface VersionOutcome {
  /** Weights of primary and canary, in the order in which they were in force. */
  readonly routes: readonly string[];
  readonly phases: readonly string[];
  /** Why a check failed, without the numbers. */
  readonly complaints: readonly string[];
}

/** The traffic's clock runs this many times as fast as Flagger's: several scrapes between two looks. */
const trafficAhead = 6;
const analysis = {
  interval: '10s',
  threshold: 2,
  stepWeights: [50],
  metrics: [
    {
      name: 'request-success-rate',
      interval: '1m',
      thresholdRange: { min: 99 },
    },
    { name: 'request-duration', interval: '1m', thresholdRange: { max: 500 } },
  ],
};
/** Enough requests that chance plays no part. */
const busy = { requestsPerSecond: 400, errorRate: 1e-4 };

/**
 * A good version, one that fails one request in ten and one that takes twenty
 * times as long, each behind Flagger, which asks the simulated traffic how they
 * are by its own two metrics.
 */
export async function playVersions(
  options: StageOptions & { readonly rate: number },
): Promise<Readonly<Record<'good' | 'failing' | 'slow', VersionOutcome>>> {
  const time = acceleratedScheduler(trafficAhead * options.rate);
  const traffic = new Traffic({
    seed: 'story',
    clock: time.now,
    settling: 0,
    profiles: { 'demo/good': busy, 'demo/failing': busy, 'demo/slow': busy },
  });
  const server = await startMetricsServer({
    sources: () => [traffic],
    clock: time.now,
    port: 0,
  });
  const stage = await FlaggerStage.start({ ...options, traffic });
  try {
    const play = async (name: string, fault: Partial<TrafficEffect>) => {
      const settings = { analysis, spec: { metricsServer: server.url } };
      await stage.play(name, settings, async ({ image, end }) => {
        traffic.effects.begin({ service: name, version: 'v2', ...fault });
        await image('v2');
        await end();
      });
      return outcomeOf(stage, name);
    };
    const [good, failing, slow] = await Promise.all([
      play('good', {}),
      play('failing', { errorRate: 0.1 }),
      play('slow', { latencyFactor: 20 }),
    ]);
    return { good, failing, slow };
  } finally {
    await stage.stop();
    await server.stop();
    time.stop();
  }
}

function outcomeOf(stage: FlaggerStage, name: string): VersionOutcome {
  const { routes, statuses, looks } = historyOf(stage.witness.rows(name));
  const phases = statuses.map(status => status.split(' ')[0]);
  const complaints = looks
    .flat()
    .filter(said => said.includes('Halt'))
    .map(said => said.replace(/(rate|duration) \S+/, '$1 N'));
  const different = (each: string, index: number, all: readonly string[]) =>
    index === 0 || each !== all[index - 1];
  return { routes, phases: phases.filter(different), complaints };
}
