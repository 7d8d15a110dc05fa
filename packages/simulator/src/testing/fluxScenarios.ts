// SPDX-License-Identifier: Apache-2.0
import { conditionOf, Resource } from '../controllers/runtime/resources';
import { deployments } from '../controllers/workloads/workloads';
import { faults } from './fluxFaults';
import {
  base,
  kustomization,
  unschedulable,
  withCanary,
} from './fluxManifests';
import { boot, both, expectImage, fix, FluxScenario } from './FluxScenario';
import { FluxKind, FluxSteps } from './FluxStage';

const configMaps: Resource = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
};

async function expectMap(steps: FluxSteps, there: boolean): Promise<void> {
  const map = { namespace: 'flux-apps', name: 'prune-cm' };
  expect(await steps.exists(configMaps, map)).toBe(there);
}

/** The scenarios of the recordings, by their names. */
export const scenarios: readonly FluxScenario[] = [
  {
    name: 'normal',
    objects: both('normal'),
    async run(steps) {
      await boot(steps, 'normal');
      await fix(steps, 'normal', base('normal', 'v2'));
      await expectImage(steps, 'normal', 'v2');
    },
  },
  {
    name: 'timing',
    objects: both('timing'),
    async run(steps) {
      const name = 'timing';
      await boot(steps, name);
      for (const tag of ['p0', 'p1', 'p2', 'p3', 'p4', 'p5'])
        await fix(steps, name, base(name, tag));
      await steps.change('GitRepository', name, { interval: '10m' });
      await steps.until(
        'GitRepository',
        name,
        ({ observedGeneration }) => observedGeneration === 2,
      );
      for (const tag of ['a0', 'a1', 'a2', 'a3', 'a4', 'a5']) {
        const revision = await steps.push(name, base(name, tag), tag);
        await steps.ask('GitRepository', name);
        await steps.applied(name, revision);
      }
      await expectImage(steps, name, 'a5');
    },
  },
  {
    name: 'dependson',
    objects: [...both('dependson'), ...both('dep-a')],
    repeats: ['GitRepository', 'Kustomization'],
    async run(steps) {
      await steps.repository('dep-a');
      await steps.follow('dep-a', { interval: '5s' });
      await steps.push('dependson', base('dependson', 'v1'), 'v1');
      await steps.follow('dependson');
      await steps.kustomize('dependson', { dependsOn: [{ name: 'dep-a' }] });
      await steps.ready('Kustomization', 'dependson', 'DependencyNotReady');
      await steps.seconds(10);
      await steps.push('dep-a', base('dep-a', 'v1', unschedulable), 'v1');
      await steps.kustomize('dep-a', {
        wait: true,
        timeout: '20s',
        retryInterval: '10s',
      });
      await steps.ready('Kustomization', 'dep-a', 'HealthCheckFailed');
      await steps.seconds(35);
      await fix(steps, 'dep-a', base('dep-a', 'v2'));
      await steps.ready(
        'Kustomization',
        'dependson',
        'ReconciliationSucceeded',
      );
      await steps.until(
        'Kustomization',
        'dependson',
        ({ observedGeneration }) => observedGeneration === 1,
      );
    },
  },
  {
    name: 'suspend',
    objects: both('suspend'),
    async run(steps) {
      const name = 'suspend';
      const observed = (kind: FluxKind, generation: number) =>
        steps.until(
          kind,
          name,
          ({ observedGeneration }) => observedGeneration === generation,
        );
      await boot(steps, name);
      await steps.change('Kustomization', name, { suspend: true });
      await observed('Kustomization', 2);
      const second = await steps.push(name, base(name, 'v2'), 'v2');
      await steps.until(
        'GitRepository',
        name,
        ({ artifact }) => artifact?.revision === second,
      );
      await steps.ask('Kustomization', name);
      await steps.until(
        'Kustomization',
        name,
        ({ lastHandledReconcileAt }) => lastHandledReconcileAt !== undefined,
      );
      await expectImage(steps, name, 'v1');
      await steps.change('Kustomization', name, { suspend: false });
      await steps.applied(name, second);
      await steps.change('GitRepository', name, { suspend: true });
      await observed('GitRepository', 2);
      const third = await steps.push(name, base(name, 'v3'), 'v3');
      await steps.seconds(12);
      await expectImage(steps, name, 'v2');
      await steps.change('GitRepository', name, { suspend: false });
      await steps.applied(name, third);
    },
  },
  {
    name: 'prune',
    objects: both('prune'),
    async run(steps) {
      await boot(
        steps,
        'prune',
        {},
        {
          ...base('prune', 'v1'),
          'apps/kustomization.yaml': kustomization('deploy.yaml, cm.yaml'),
          'apps/cm.yaml':
            'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: prune-cm, namespace: flux-apps}\n',
        },
      );
      await expectMap(steps, true);
      await fix(steps, 'prune', {
        'apps/kustomization.yaml': kustomization('deploy.yaml'),
        'apps/cm.yaml': undefined,
      });
      await expectMap(steps, false);
    },
  },
  {
    name: 'drift',
    objects: both('drift'),
    endsEarly: true,
    async run(steps) {
      await boot(steps, 'drift', { interval: '20s' });
      await steps.put(
        deployments,
        { namespace: 'flux-apps', name: 'drift' },
        {
          spec: {
            template: {
              spec: { containers: [{ name: 'c', image: 'ex/app:hotfix' }] },
            },
          },
        },
      );
      await steps.until('Kustomization', 'drift', ({ conditions }) =>
        Boolean(conditionOf(conditions, 'Reconciling')),
      );
      await steps.ready('Kustomization', 'drift', 'ReconciliationSucceeded');
      await expectImage(steps, 'drift', 'v1');
    },
  },
  {
    name: 'canarywait',
    objects: both('canarywait'),
    async run(steps) {
      const name = 'canarywait';
      const spec = { wait: true, timeout: '5m' };
      await boot(steps, name, spec, withCanary(name, 'v1'));
      await steps.seconds(15);
      await fix(steps, name, withCanary(name, 'v2'));
    },
  },
  {
    name: 'canaryexpr',
    objects: both('canaryexpr'),
    async run(steps) {
      const name = 'canaryexpr';
      const promoted = (status: string) =>
        `status.conditions.filter(e, e.type == 'Promoted').all(e, e.status == '${status}')`;
      const expressions = {
        apiVersion: 'flagger.app/v1beta1',
        kind: 'Canary',
        inProgress: promoted('Unknown'),
        failed: promoted('False'),
        current: promoted('True'),
      };
      await boot(
        steps,
        name,
        { wait: true, timeout: '5m', healthCheckExprs: [expressions] },
        withCanary(name, 'v1'),
      );
      await steps.seconds(12);
      await fix(steps, name, withCanary(name, 'v2'));
    },
  },
  ...faults,
];
