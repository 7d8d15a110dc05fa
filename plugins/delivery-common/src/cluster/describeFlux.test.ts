// SPDX-License-Identifier: Apache-2.0
import { describeFlux } from './describeFlux';
import type {
  ObservedCondition,
  ObservedGitRepository,
  ObservedKustomization,
} from './observed';

/** Conditions and messages as kustomize-controller 1.9 and source-controller 1.9 write them. */
const older = 'main@sha1:b69d5cc680649916072c94f5608296e7a05e9ba9';
const newer = 'main@sha1:9ec87421e12040609b55278d486713a3d2337b5a';

function condition(
  type: string,
  status: ObservedCondition['status'],
  reason: string,
  message: string,
  observedGeneration = 1,
): ObservedCondition {
  return { type, status, reason, message, observedGeneration };
}

function aKustomization(
  change: Partial<ObservedKustomization> = {},
): ObservedKustomization {
  return {
    namespace: 'flux-system',
    name: 'parcel-vision',
    generation: 1,
    deleting: false,
    suspended: false,
    source: { kind: 'GitRepository', namespace: 'flux-system', name: 'fleet' },
    conditions: [
      condition(
        'Ready',
        'True',
        'ReconciliationSucceeded',
        `Applied revision: ${older}`,
      ),
    ],
    lastAppliedRevision: older,
    lastAttemptedRevision: older,
    ...change,
  };
}

function aSource(
  change: Partial<ObservedGitRepository> = {},
): ObservedGitRepository {
  return {
    namespace: 'flux-system',
    name: 'fleet',
    generation: 1,
    deleting: false,
    suspended: false,
    conditions: [
      condition(
        'Ready',
        'True',
        'Succeeded',
        `stored artifact for revision '${older}'`,
      ),
    ],
    revision: older,
    ...change,
  };
}

describe('describeFlux', () => {
  it('takes over what a settled Kustomization and its source say', () => {
    expect(describeFlux(aKustomization(), aSource())).toEqual({
      ready: 'True',
      reason: 'ReconciliationSucceeded',
      message: `Applied revision: ${older}`,
      suspended: false,
      lastAppliedRevision: older,
      lastAttemptedRevision: older,
      lastHandledReconcileAt: undefined,
      source: {
        ready: 'True',
        reason: 'Succeeded',
        message: `stored artifact for revision '${older}'`,
        suspended: false,
        revision: older,
        lastHandledReconcileAt: undefined,
      },
    });
  });

  it.each([
    [
      'working',
      condition(
        'Ready',
        'Unknown',
        'Progressing',
        'Reconciliation in progress',
      ),
    ],
    [
      'not buildable',
      condition('Ready', 'False', 'BuildFailed', 'kustomize build failed: …'),
    ],
    [
      'refused by the API server',
      condition(
        'Ready',
        'False',
        'ReconciliationFailed',
        'Deployment/sorting/parcel-vision dry-run failed (Invalid)',
      ),
    ],
    [
      'unhealthy',
      condition(
        'Ready',
        'False',
        'HealthCheckFailed',
        "health check failed after 30.02245324s: timeout waiting for: [Deployment/sorting/parcel-vision status: 'InProgress']",
      ),
    ],
  ])('keeps the old applied revision while %s', (_name, ready) => {
    const state = describeFlux(
      aKustomization({ conditions: [ready], lastAttemptedRevision: newer }),
      undefined,
    );
    expect(state).toMatchObject({
      ready: ready.status,
      reason: ready.reason,
      message: ready.message,
      lastAppliedRevision: older,
      lastAttemptedRevision: newer,
    });
    expect(state.source).toBeUndefined();
  });

  it('knows nothing before the controller has written anything', () => {
    const fresh = aKustomization({
      conditions: [],
      lastAppliedRevision: undefined,
      lastAttemptedRevision: undefined,
    });
    expect(describeFlux(fresh, undefined)).toMatchObject({ ready: 'Unknown' });
  });

  it('does not take a word about an older spec for one about this spec', () => {
    const changed = aKustomization({ generation: 2 });
    expect(describeFlux(changed, undefined)).toMatchObject({
      ready: 'Unknown',
      reason: 'Progressing',
    });
  });

  it('shows suspension although the conditions keep saying Ready', () => {
    const state = describeFlux(
      aKustomization({ suspended: true }),
      aSource({ suspended: true }),
    );
    expect(state).toMatchObject({
      ready: 'True',
      suspended: true,
      source: { ready: 'True', suspended: true },
    });
  });

  it('says why it can not go on by itself', () => {
    const stalled = condition(
      'Stalled',
      'True',
      'InvalidCELExpression',
      'failed to parse expression',
    );
    expect(
      describeFlux(aKustomization({ conditions: [stalled] }), undefined)
        .stalled,
    ).toBe('failed to parse expression');
    expect(describeFlux(aKustomization(), undefined).stalled).toBeUndefined();
  });

  it('shows a fault that only the source knows of', () => {
    const state = describeFlux(
      aKustomization(),
      aSource({
        conditions: [
          condition(
            'Ready',
            'False',
            'GitOperationFailed',
            'unable to clone: authentication required',
          ),
        ],
      }),
    );
    expect(state).toMatchObject({
      ready: 'True',
      source: { ready: 'False', reason: 'GitOperationFailed', revision: older },
    });
  });
});
