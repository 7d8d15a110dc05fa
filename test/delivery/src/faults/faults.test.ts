// SPDX-License-Identifier: Apache-2.0
import { DeliveryClient, must } from '../story/DeliveryClient';
import { FleetHistory } from '../story/FleetHistory';
import { GitWorkingCopy } from '../story/GitWorkingCopy';
import {
  startSimulatedSurroundings,
  type SimulatedSurroundings,
} from '../surroundings/startSimulatedSurroundings';
import { TestPortal, type Answer } from '../surroundings/TestPortal';
import { until } from '../surroundings/until';
import { brokenDocuments } from './brokenDocuments';
import { sendReport } from './sendReport';

jest.setTimeout(600_000);

const SERVICE = 'parcel-vision';

/** What promotions to a stage touch. Staging deploys by itself meanwhile, so only one stage's commits can be counted. */
const overlaysOf = (stage: string) => `services/${SERVICE}/overlays/${stage}`;

interface Refusal {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly hint?: string;
  };
}

function refusal(answer: Answer): { status: number; code: string } {
  const { error } = answer.body as Refusal;
  // A person must be told something, whatever the code says to machines.
  expect(error.message).toMatch(/\w+ \w+ \w+/);
  return { status: answer.status, code: error.code };
}

describe('a portal in trouble', () => {
  let surroundings: SimulatedSurroundings;
  let portal: TestPortal;
  let delivery: DeliveryClient;
  let fleet: FleetHistory;
  let source: GitWorkingCopy;

  beforeAll(async () => {
    surroundings = await startSimulatedSurroundings('faults', [], {
      evidence: false,
    });
    portal = new TestPortal({ ...surroundings, port: surroundings.portalPort });
    await portal.start();
    delivery = new DeliveryClient(portal, SERVICE);
    await delivery.untilKnown();
    fleet = await FleetHistory.clone(surroundings);
    source = await GitWorkingCopy.clone(surroundings.forge, SERVICE, {
      name: 'Mia Lindqvist',
      login: 'mia',
      password: surroundings.forgePassword,
    });
  });

  afterAll(async () => {
    await source?.remove();
    await fleet?.remove();
    await portal?.stop();
    await surroundings?.stop();
  });

  afterEach(() => surroundings.breakForge('none'));

  async function expectIntactLog(): Promise<void> {
    const verified = must(
      200,
      await portal.call('ines', 'GET', '/delivery/audit/verify'),
    );
    expect(verified).toMatchObject({ intact: true });
  }

  describe.each(['hang', 'error', 'refuse'] as const)(
    'when a cluster is broken: %s',
    fault => {
      it('shows the others, says which is missing since when, and recovers', async () => {
        await surroundings.breakCluster('edge-production', fault);
        const broken = await until(
          'the stage to be known as broken',
          async () => {
            const stage = await delivery.stage('edge-production');
            return stage.targets.some(
              ({ freshness }) => freshness.state !== 'live',
            )
              ? stage
              : undefined;
          },
        );
        expect(broken.state.key).not.toBe('ok');
        for (const { freshness } of broken.targets) {
          expect(['stale', 'unreachable']).toContain(freshness.state);
          expect(Date.parse(freshness.since ?? '')).not.toBeNaN();
          expect(freshness.problem).toMatch(/\w+ \w+/);
        }
        const others = (await delivery.pipeline()).stages.filter(
          ({ kind, name }) => kind !== 'local' && name !== 'edge-production',
        );
        expect(others.map(({ state }) => state.key)).toEqual(
          others.map(() => 'ok'),
        );
        await surroundings.breakCluster('edge-production', 'none');
        await delivery.untilRuns(
          'edge-production',
          broken.release?.version ?? '',
        );
      });
    },
  );

  it.each(brokenDocuments)(
    'keeps the last good pipeline when a push breaks it: $name',
    async ({ edit, code }) => {
      const good = await source.read('delivery.yaml');
      const stages = (await delivery.pipeline()).stages.map(({ name }) => name);
      await source.push('delivery.yaml', edit(good), 'Break the pipeline');
      const broken = await until('the problem to be shown', async () => {
        const { document, stages: shown } = await delivery.pipeline();
        return document.problems.length > 0
          ? { problems: document.problems, shown }
          : undefined;
      });
      expect(broken.problems.map(problem => problem.code)).toContain(code);
      for (const problem of broken.problems) {
        expect(problem.line).toBeGreaterThan(0);
        expect(problem.message).toMatch(/\w+ \w+/);
      }
      expect(broken.shown.map(({ name }) => name)).toEqual(stages);
      await source.push('delivery.yaml', good, 'Mend the pipeline');
      await until('the document to be valid', async () => {
        const { document } = await delivery.pipeline();
        return document.problems.length === 0 ? true : undefined;
      });
    },
  );

  it('refuses reports that are forged, old or replayed with other content', async () => {
    const version = '9.9.9';
    const before = (await delivery.pipeline()).road.length;
    const forged = await sendReport(surroundings, { version, secret: 'guess' });
    const old = await sendReport(surroundings, { version, minutesOld: 10 });
    expect([forged.status, old.status]).toEqual([401, 401]);
    expect((await delivery.pipeline()).road).toHaveLength(before);

    const delivered = {
      version,
      delivery: '3f0c0a2e-8d39-4d2c-9b40-6f8f1c0d7a11',
    };
    const first = await sendReport(surroundings, delivered);
    const again = await sendReport(surroundings, delivered);
    const other = await sendReport(surroundings, {
      ...delivered,
      version: '9.9.10',
    });
    expect([first.status, again.status, other.status]).toEqual([201, 200, 409]);
    expect(again.body).toEqual(first.body);
    refusal(other);
  });

  it('refuses what nobody may do, and writes nothing', async () => {
    const { road } = await delivery.pipeline();
    const release = road.find(row => row.release.version === '2.8.0')?.release;
    const production = overlaysOf('cloud-production');
    const commits = await fleet.subjects(production);
    const withoutRight = await delivery.request('lena', {
      stage: 'cloud-production',
      release: release?.id ?? '',
    });
    expect(refusal(withoutRight).status).toBe(403);
    const unknown = await delivery.request('mia', {
      stage: 'cloud-production',
      release: 'no-such-release',
    });
    expect(refusal(unknown)).toEqual({ status: 404, code: 'unknownRelease' });
    const nowhere = await delivery.request('mia', {
      stage: 'the-moon',
      release: release?.id ?? '',
    });
    expect(refusal(nowhere).status).toBe(404);
    const asked = must(
      202,
      await delivery.request('mia', {
        stage: 'cloud-production',
        release: release?.id ?? '',
      }),
    );
    // Jonas may approve, but 2.8.0 is his own commit.
    const own = await delivery.decide('jonas', asked.id, 'approve');
    expect(refusal(own)).toEqual({ status: 403, code: 'ownRelease' });
    must(202, await delivery.decide('omar', asked.id, 'reject', 'Not today'));
    await delivery.untilPhase(asked.id, 'rejected');
    expect(await fleet.subjects(production)).toEqual(commits);
    await expectIntactLog();
  });

  it('waits for a fleet repository that is away, and then writes once', async () => {
    const { candidate } = await delivery.stage('edge-production');
    const commits = await fleet.promotions(overlaysOf('edge-production'));
    await surroundings.breakForge('down');
    const asked = must(
      202,
      await delivery.request('ines', {
        stage: 'edge-production',
        release: candidate?.id ?? '',
      }),
    );
    const told = await until('the trouble to be told', async () => {
      const { promotion } = await delivery.promotion(asked.id);
      return promotion.state.word === 'Blocked' ? promotion.state : undefined;
    });
    expect(told.detail).toMatch(/can not be reached/);
    await surroundings.breakForge('none');
    await delivery.untilPhase(asked.id, 'succeeded');
    expect(await fleet.promotions(overlaysOf('edge-production'))).toEqual([
      asked.id,
      ...commits,
    ]);
    await expectIntactLog();
  });

  it('gives up after ten refused pushes, with nothing half done', async () => {
    const commits = await fleet.promotions(overlaysOf('edge-production'));
    await surroundings.breakForge('refusePush');
    const { promotions } = must(
      202,
      await delivery.rollBack('ines', {
        stages: ['edge-production'],
        reason: 'Take it back',
      }),
    );
    const failed = await delivery.untilPhase(promotions[0].id, 'failed');
    expect(failed.problem?.message).toMatch(/\w+ \w+ \w+/);
    await surroundings.breakForge('none');
    expect(await fleet.promotions(overlaysOf('edge-production'))).toEqual(
      commits,
    );
    await expectIntactLog();
    const again = must(
      202,
      await delivery.rollBack('ines', {
        stages: ['edge-production'],
        reason: 'Take it back, the forge is well again',
      }),
    );
    await delivery.untilPhase(again.promotions[0].id, 'succeeded');
  });
});
