// SPDX-License-Identifier: Apache-2.0
import type { CanaryStatus } from '../controllers/flagger/flaggerObjects';
import type { Stage } from './FlaggerStage';

/** A recorded scenario: what was set up and done. */
export interface Scenario {
  readonly name: string;
  readonly spec?: object;
  readonly analysis?: object;
  readonly progressDeadline?: number;
  run(stage: Stage): Promise<void>;
}

const phase = (wanted: string, weight?: number) => (status: CanaryStatus) =>
  status.phase === wanted &&
  (weight === undefined || status.canaryWeight === weight);
const at25 = phase('Progressing', 25);

/** The scenarios of the recordings, by their names. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'success',
    async run({ image, until, end }) {
      await image('v2');
      await until(phase('Progressing'));
      await end();
    },
  },
  {
    name: 'metricfail',
    async run({ image, until, end, metric, seconds }) {
      await image('v2');
      await until(at25);
      metric(50);
      await end();
      metric(100);
      await seconds(25);
      await image('v3');
      await until(phase('Progressing'));
      await end();
    },
  },
  {
    name: 'gaterollout',
    async run({ image, until, end, gate, seconds }) {
      gate('confirm-rollout', false);
      gate('rollback', true);
      await image('v2');
      await until(phase('Waiting'));
      await seconds(35);
      gate('rollback', false);
      gate('confirm-rollout', true);
      await until(at25);
      gate('confirm-traffic-increase', false);
      await seconds(35);
      gate('confirm-traffic-increase', true);
      gate('confirm-promotion', false);
      await until(phase('WaitingPromotion'));
      await seconds(35);
      gate('confirm-promotion', true);
      await end();
    },
  },
  {
    name: 'rollback',
    async run({ image, until, end, gate }) {
      await image('v2');
      await until(at25);
      gate('rollback', true);
      await end();
    },
  },
  {
    name: 'rollbackwp',
    async run({ image, until, end, gate, seconds }) {
      gate('confirm-promotion', false);
      await image('v2');
      await until(phase('WaitingPromotion'));
      await seconds(15);
      gate('rollback', true);
      await end();
    },
  },
  {
    name: 'rollbackcti',
    async run({ image, until, end, gate, seconds }) {
      await image('v2');
      await until(phase('Progressing', 5));
      gate('confirm-traffic-increase', false);
      await seconds(15);
      gate('rollback', true);
      await end();
    },
  },
  {
    name: 'revert',
    async run({ image, until, end }) {
      await image('v2');
      await until(at25);
      await image('v1');
      await end();
      await until(phase('Progressing'));
      await end();
    },
  },
  {
    name: 'revertwait',
    async run({ image, until, end, gate, seconds }) {
      gate('confirm-rollout', false);
      await image('v2');
      await until(phase('Waiting'));
      await seconds(12);
      await image('v1');
      await seconds(25);
      gate('confirm-rollout', true);
      await end();
    },
  },
  {
    name: 'revertwp',
    async run({ image, until, end, gate, seconds }) {
      gate('confirm-promotion', false);
      await image('v2');
      await until(phase('WaitingPromotion'));
      await seconds(12);
      await image('v1');
      await seconds(40);
      gate('confirm-promotion', true);
      await end();
      await until(phase('Progressing', 100));
      await seconds(2);
    },
  },
  {
    name: 'newrev',
    async run({ image, until, end }) {
      await image('v2');
      await until(at25);
      await image('v3');
      await end();
    },
  },
  {
    name: 'skip',
    spec: { skipAnalysis: true },
    async run({ image, end }) {
      await image('v2');
      await end();
    },
  },
  {
    name: 'skipgate',
    spec: { skipAnalysis: true },
    async run({ image, end, gate, seconds }) {
      gate('confirm-rollout', false);
      await image('v2');
      await seconds(30);
      gate('confirm-rollout', true);
      await end();
    },
  },
  {
    name: 'suspend',
    async run({ image, until, end, spec, seconds }) {
      await image('v2');
      await until(at25);
      await spec({ suspend: true });
      await seconds(30);
      await spec({ suspend: false });
      await end();
    },
  },
  {
    name: 'prerollfail',
    async run({ image, end, gate }) {
      gate('pre-rollout', false);
      await image('v2');
      await end();
    },
  },
  {
    name: 'notready',
    spec: { progressDeadlineSeconds: 30 },
    progressDeadline: 30,
    async run({ image, end }) {
      await image('v2', { nodeSelector: { no: 'where' } });
      await end();
    },
  },
  {
    name: 'wpmetric',
    async run({ image, until, end, gate, metric, seconds }) {
      gate('confirm-promotion', false);
      await image('v2');
      await until(phase('WaitingPromotion'));
      await seconds(5);
      metric(10);
      await end();
    },
  },
  {
    name: 'nometric',
    async run({ image, until, end, metric }) {
      await image('v2');
      await until(at25);
      metric('none');
      await end();
    },
  },
  {
    name: 'flap',
    analysis: { threshold: 3 },
    async run({ image, until, end, metric }) {
      await image('v2');
      await until(phase('Progressing', 5));
      metric(1);
      await until(({ failedChecks }) => failedChecks === 1);
      metric(100);
      await end();
    },
  },
];
