// SPDX-License-Identifier: Apache-2.0
import type { Deployment } from '../workloads/workloads';
import { nextStep, totalWeight } from './analysis';
import type { CanaryTick } from './CanaryTick';
import type { Weights } from './routers';

/** What a strategy decides from. */
export interface Standing {
  readonly target: Deployment;
  readonly weights: Weights;
  readonly provider: string;
}

/** Takes the next step of a canary whose checks have passed. */
export async function advance(
  tick: CanaryTick,
  standing: Standing,
): Promise<void> {
  const { strategy } = tick.analysis;
  if (strategy === 'abTesting') await testOnSome(tick, standing);
  // Without a router traffic can not be split, only switched.
  else if (strategy === 'blueGreen' || standing.provider === 'kubernetes')
    await switchOver(tick, standing);
  else await shiftTraffic(tick, standing);
}

async function shiftTraffic(
  tick: CanaryTick,
  { target, weights }: Standing,
): Promise<void> {
  const { canary, analysis, router, hooks } = tick;
  const step = nextStep(canary, weights.canary);
  if (step <= 0) return;
  const asks = !weights.mirrored && canary.status?.phase === 'Progressing';
  if (asks && !(await hooks.confirmTrafficIncrease())) return;
  if (weights.canary >= analysis.maxWeight) {
    if (await maySwitch(tick)) await promote(tick, target);
    return;
  }
  const mirrors = analysis.mirror && weights.canary === 0 && !weights.mirrored;
  const weight = mirrors ? 0 : Math.min(totalWeight, weights.canary + step);
  await router.set(canary, {
    primary: totalWeight - weight,
    canary: weight,
    mirrored: mirrors,
  });
  await tick.write({ ...canary.status, canaryWeight: weight });
  const { name, namespace } = canary.metadata;
  await hooks.note(`Advance ${name}.${namespace} canary weight ${weight}`);
}

async function testOnSome(
  tick: CanaryTick,
  { target }: Standing,
): Promise<void> {
  const { canary, analysis, router } = tick;
  const done = canary.status?.iterations ?? 0;
  if (analysis.iterations > done) {
    await router.set(canary, { primary: 0, canary: totalWeight });
    await countIteration(tick, done + 1);
    return;
  }
  if (await maySwitch(tick)) await promote(tick, target);
}

/** The canary is checked beside the primary, gets all of the traffic for one look, and then replaces it. */
async function switchOver(
  tick: CanaryTick,
  { target, provider, weights }: Standing,
): Promise<void> {
  const { canary, analysis, router, hooks } = tick;
  const iterations = analysis.iterations || 10;
  const done = canary.status?.iterations ?? 0;
  const routed = provider !== 'kubernetes';
  if (iterations > done) {
    if (routed && analysis.mirror && !weights.mirrored) {
      await router.set(canary, {
        primary: totalWeight,
        canary: 0,
        mirrored: true,
      });
    }
    await countIteration(tick, done + 1);
    return;
  }
  if (!(await maySwitch(tick))) return;
  if (done > iterations) {
    await promote(tick, target);
    return;
  }
  if (routed) {
    await hooks.note(
      analysis.mirror
        ? 'Stop traffic mirroring and route all traffic to canary'
        : 'Routing all traffic to canary',
    );
    await router.set(canary, { primary: 0, canary: totalWeight });
  }
  await tick.write({ ...canary.status, iterations: done + 1 });
}

async function countIteration(
  tick: CanaryTick,
  iteration: number,
): Promise<void> {
  const { canary, analysis, hooks } = tick;
  const { name, namespace } = canary.metadata;
  await tick.write({ ...canary.status, iterations: iteration });
  await hooks.note(
    `Advance ${name}.${namespace} canary iteration ${iteration}/${
      analysis.iterations || 10
    }`,
  );
}

function maySwitch(tick: CanaryTick): Promise<boolean> {
  const { canary, hooks, analysis } = tick;
  return hooks.confirmPromotion(async already => {
    if (already) {
      // One less than all, so that the next look comes here again.
      await tick.write({
        ...canary.status,
        iterations: analysis.iterations - 1,
      });
    } else await tick.enter('WaitingPromotion');
  });
}

async function promote(tick: CanaryTick, target: Deployment): Promise<void> {
  await tick.copyToPrimary(target);
  await tick.enter('Promoting');
}
