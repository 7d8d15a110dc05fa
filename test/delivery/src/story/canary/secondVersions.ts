// SPDX-License-Identifier: Apache-2.0
import type { Surroundings } from '../../surroundings/Surroundings';
import type { TestPortal } from '../../surroundings/TestPortal';
import { CanaryOfService, expectEveryStep } from './CanaryOfService';
import { canaryServices } from './canaryServices';

/** Measured: a bad version is found out within four minutes or so. */
const VERDICT_PATIENCE_MS = 480_000;
/** Each of four steps is watched for two minutes, and longer until enough is known. */
const PASSING_PATIENCE_MS = 1_500_000;
const SOAK_MS = 120_000;

/**
 * What becomes of the next versions of two measured services. Declares its tests; it takes a quarter of an
 * hour, because nothing is cut short: a version passes every step on what Prometheus says of it.
 * No other canary of these services may be under way.
 */
export function describeSecondVersions(
  world: () => { surroundings: Surroundings; portal: TestPortal },
): void {
  describe('the versions after them', () => {
    tellOfSecondVersions(world);
  });
}

function tellOfSecondVersions(
  world: () => { surroundings: Surroundings; portal: TestPortal },
): void {
  let checked: ReturnType<typeof failCheck>;
  let good: ReturnType<typeof passEveryStep>;

  beforeAll(() => {
    checked = failCheck();
    good = passEveryStep();
    // Each is waited for by a test of its own.
    for (const story of [checked, good]) story.catch(() => undefined);
  });

  it('takes a version back that fails a check of the team', async () => {
    const { problem, outcome } = await checked;
    expect(problem).toMatchObject({
      code: 'canaryTakenBack',
      message: expect.stringContaining('Answers within 250 ms'),
    });
    expect(outcome).toBe('rolledBack');
  });

  it('lets a version that is well pass every step, each after its soak, on what was measured', async () => {
    const { passed, versions } = await good;
    expect(passed.outcome).toBe('promoted');
    expectEveryStep(passed, SOAK_MS);
    const said = passed.words.map(({ text }) => text);
    expect(said).toContainEqual(
      expect.stringMatching(/^At 100 %: .* requests/),
    );
    expect(versions.stable).toBe(versions.canary);
    expect(versions.stable).toMatch(/^3\.0\.0/);
  });

  function canaryOf(name: keyof typeof canaryServices): CanaryOfService {
    const { portal, surroundings } = world();
    return new CanaryOfService(portal, surroundings, canaryServices[name]);
  }

  async function failCheck() {
    const canary = canaryOf('judged');
    const id = await canary.promoteNew('VERSION', '4.4.0-slow\n');
    await canary.untilWeight(5);
    await canary.untilWeight(0, VERDICT_PATIENCE_MS);
    const { problem } = await canary.delivery.untilPhase(id, 'failed');
    const { outcome } = await canary.view(id);
    return { problem, outcome };
  }

  async function passEveryStep() {
    const canary = canaryOf('slow');
    const id = await canary.promoteNew('VERSION', '3.0.0\n');
    await canary.delivery.untilPhase(id, 'succeeded', PASSING_PATIENCE_MS);
    const passed = await canary.view(id);
    return { passed, versions: await canary.versions() };
  }
}
