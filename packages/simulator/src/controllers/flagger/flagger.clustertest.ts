// SPDX-License-Identifier: Apache-2.0
import { startCluster } from '@causeway/test-cluster';
import { KubeConfig } from '@kubernetes/client-node';
import { clusterAt } from '../../testing/aCluster';
import { FlaggerReplay } from '../../testing/FlaggerReplay';
import { playVersions } from '../../testing/TrafficStory';

/** Real time, on machines that may be busy. */
jest.setTimeout(600_000);

/**
 * Those that are over in a minute and a half: real control planes keep real
 * time. Not 'notready', whose deadline falls on a look of Flagger: which comes
 * first is chance, to the real one too.
 */
const names = [
  'success',
  'rollback',
  'rollbackcti',
  'nometric',
  'prerollfail',
  'skip',
  'skipgate',
];
const players = ['the simulated Flagger', 'the real Flagger'] as const;

/** A control plane with Flagger's kinds, and with the real Flagger or a simulated one beside it. */
function onRealCluster(player: (typeof players)[number]) {
  const isReal = player === 'the real Flagger';
  return {
    rate: 1,
    controllers: isReal ? [] : (['flagger'] as const),
    async connect(metricsServer: string) {
      const cluster = await startCluster({
        name: 'flagger',
        nodes: 2,
        flagger: { metricsServer, controller: isReal },
      });
      const kubeConfig = new KubeConfig();
      kubeConfig.loadFromFile(cluster.kubeconfigFile);
      return clusterAt(kubeConfig, () => cluster.stop());
    },
  };
}

type Versions = Awaited<ReturnType<typeof playVersions>>;

describe('on the real control plane', () => {
  const replays = new Map<string, FlaggerReplay>();
  let versions: Promise<readonly [real: Versions, simulated: Versions]>;

  // All of them wait for Flagger most of the time, so they do it together.
  beforeAll(async () => {
    versions = Promise.all([
      playVersions(onRealCluster('the real Flagger')),
      playVersions({ rate: 10 }),
    ]);
    // Its own test says how it failed.
    versions.catch(() => undefined);
    const started = await Promise.all(
      players.map(player => FlaggerReplay.start(onRealCluster(player), names)),
    );
    started.forEach((replay, index) => replays.set(players[index], replay));
  });

  afterAll(() =>
    Promise.all([...replays.values()].map(replay => replay.stop())),
  );

  describe.each([...players])('%s', player => {
    it.each(names)('does what was recorded: %s', async name => {
      const answer = await replays.get(player)?.compare(name);
      expect(answer?.seen.statuses).toEqual(answer?.recorded.statuses);
      expect(answer?.seen.routes).toEqual(answer?.recorded.routes);
      expect(answer?.seen.looks).toEqual(answer?.recorded.looks);
    });
  });

  it('the real Flagger decides by simulated traffic as the simulated one does', async () => {
    const [real, simulated] = await versions;
    const ends = [real.good, real.failing, real.slow].map(({ phases }) => {
      return phases[phases.length - 1];
    });
    expect(ends).toEqual(['Succeeded', 'Failed', 'Failed']);
    expect(real).toEqual(simulated);
  });
});
