// SPDX-License-Identifier: Apache-2.0
import { conditionOf, Resource } from '../controllers/runtime/resources';
import { base, deployment, unschedulable } from './fluxManifests';
import { boot, both, expectImage, fix, FluxScenario } from './FluxScenario';
import { FluxSteps, password } from './FluxStage';

const secrets: Resource = {
  apiVersion: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
};

async function duringWait(steps: FluxSteps): Promise<void> {
  const name = 'duringwait';
  await boot(steps, name, {
    wait: true,
    timeout: '60s',
    retryInterval: '15s',
  });
  await steps.push(name, base(name, 'v2', unschedulable), 'unschedulable');
  await steps.until(
    'Kustomization',
    name,
    ({ conditions }) => conditionOf(conditions, 'Healthy')?.status !== 'True',
  );
  await steps.seconds(8);
  const revision = await steps.push(name, base(name, 'v3'), 'fix');
  await steps.until(
    'GitRepository',
    name,
    ({ artifact }) => artifact?.revision === revision,
  );
  await steps.applied(name, revision);
  await expectImage(steps, name, 'v3');
}

/** The recorded scenarios in which something goes wrong. */
export const faults: readonly FluxScenario[] = [
  {
    name: 'buildfail',
    objects: both('buildfail'),
    async run(steps) {
      const name = 'buildfail';
      const broken =
        'apiVersion: apps/v1\nkind: Deployment\n  metadata: [broken\n';
      await boot(steps, name);
      await steps.push(name, { 'apps/deploy.yaml': broken }, 'bad yaml');
      await steps.ready('Kustomization', name, 'BuildFailed');
      await steps.seconds(75);
      await fix(steps, name, base(name, 'v2'));
    },
  },
  {
    name: 'applyfail',
    objects: both('applyfail'),
    async run(steps) {
      const name = 'applyfail';
      await boot(steps, name, { retryInterval: '15s' });
      const other = deployment(name, 'ex/app:v2', { selected: 'other' });
      await steps.push(name, { 'apps/deploy.yaml': other }, 'other selector');
      await steps.ready('Kustomization', name, 'ReconciliationFailed');
      await steps.seconds(32);
      await expectImage(steps, name, 'v1');
      await fix(steps, name);
    },
  },
  {
    name: 'healthfail',
    objects: both('healthfail'),
    endsEarly: true,
    async run(steps) {
      const name = 'healthfail';
      const spec = { wait: true, timeout: '30s', retryInterval: '15s' };
      await boot(steps, name, spec);
      await steps.push(name, base(name, 'v2', unschedulable), 'unschedulable');
      await steps.ready('Kustomization', name, 'HealthCheckFailed');
      await steps.seconds(17);
      await steps.ready('Kustomization', name, 'HealthCheckFailed');
      await expectImage(steps, name, 'v2');
      await fix(steps, name);
    },
  },
  {
    name: 'healthstall',
    objects: both('healthstall'),
    endsEarly: true,
    async run(steps) {
      const name = 'healthstall';
      const soon = { progressDeadline: 10 };
      const spec = { wait: true, timeout: '90s', retryInterval: '15s' };
      await boot(steps, name, spec, base(name, 'v1', soon));
      const stuck = base(name, 'v2', { ...unschedulable, ...soon });
      await steps.push(name, stuck, 'unschedulable');
      await steps.ready('Kustomization', name, 'HealthCheckFailed');
      await fix(steps, name, base(name, 'v3', soon));
    },
  },
  {
    name: 'duringwait',
    objects: both('duringwait'),
    run: duringWait,
  },
  {
    name: 'duringwait-cancelgate',
    objects: both('duringwait'),
    run: duringWait,
  },
  {
    name: 'authfail',
    objects: both('private-auth'),
    repeats: ['GitRepository'],
    async run(steps) {
      const name = 'private-auth';
      const secret = (text: string) =>
        steps.put(
          secrets,
          { namespace: 'flux-system', name: 'cred' },
          {
            data: {
              username: Buffer.from('flux').toString('base64'),
              password: Buffer.from(text).toString('base64'),
            },
          },
        );
      await steps.push(name, base(name, 'v1'), 'v1');
      await steps.follow(name, { secretRef: { name: 'cred' } });
      await steps.kustomize(name);
      await steps.ready('GitRepository', name, 'AuthenticationFailed');
      await secret('wrong');
      await steps.ready('GitRepository', name, 'GitOperationFailed');
      await secret(password);
      await steps.until(
        'Kustomization',
        name,
        ({ lastAppliedRevision }) => lastAppliedRevision !== undefined,
      );
      await steps.seconds(6);
      await secret('expired');
      const second = await steps.push(name, base(name, 'v2'), 'v2');
      await steps.ready('GitRepository', name, 'GitOperationFailed');
      await steps.seconds(10);
      await expectImage(steps, name, 'v1');
      await secret(password);
      await steps.applied(name, second);
    },
  },
  {
    name: 'gitdown',
    objects: both('gitdown'),
    repeats: ['GitRepository'],
    async run(steps) {
      const name = 'gitdown';
      const repair = async (spec: object, generation: number) => {
        await steps.change('GitRepository', name, spec);
        await steps.until(
          'GitRepository',
          name,
          ({ observedGeneration }) => observedGeneration === generation,
        );
      };
      await boot(steps, name);
      const refused = 'http://127.0.0.1:1/gitdown.git';
      await steps.change('GitRepository', name, { url: refused });
      await steps.seconds(25);
      await repair({ url: `${steps.forge}/norden/gitdown.git` }, 3);
      await steps.change('GitRepository', name, { ref: { branch: 'nosuch' } });
      await steps.seconds(15);
      await repair({ ref: { branch: 'main' } }, 5);
      await expectImage(steps, name, 'v1');
    },
  },
];
