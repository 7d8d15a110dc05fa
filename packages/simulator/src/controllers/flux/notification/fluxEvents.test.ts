// SPDX-License-Identifier: Apache-2.0
import { annotated, fluxEventOf, isWanted } from './fluxEvents';
import { Alert, CoreEvent } from './notificationObjects';

const metadata = {
  name: 'one',
  namespace: 'flux-system',
  uid: '1',
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
};

const event: CoreEvent = {
  metadata: {
    ...metadata,
    annotations: {
      'kustomize.toolkit.fluxcd.io/revision': 'main@sha1:abc',
      'kustomize.toolkit.fluxcd.io/digest': 'sha256:def',
      'other.example.com/note': 'not for others',
    },
  },
  involvedObject: {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    namespace: 'flux-system',
    name: 'apps',
    uid: '7',
  },
  type: 'Warning',
  reason: 'HealthCheckFailed',
  message: 'health check failed after 30s',
  lastTimestamp: '2026-01-01T00:01:00Z',
  reportingComponent: 'kustomize-controller',
};

function alert(spec: Partial<Alert['spec']> = {}): Alert {
  return {
    metadata,
    spec: {
      providerRef: { name: 'portal' },
      eventSources: [{ kind: 'Kustomization', name: '*' }],
      ...spec,
    },
  };
}

it('posts an event in the shape of Flux, with the notes of its own group', () => {
  const news = fluxEventOf(event);
  expect(news).toEqual({
    involvedObject: event.involvedObject,
    severity: 'error',
    timestamp: '2026-01-01T00:01:00Z',
    message: 'health check failed after 30s',
    reason: 'HealthCheckFailed',
    metadata: { revision: 'main@sha1:abc' },
    reportingController: 'kustomize-controller',
    reportingInstance: 'kustomize-controller',
  });
  expect(
    news &&
      annotated(
        news,
        alert({ eventMetadata: { cluster: 'edge', revision: 'forged' } }),
      ).metadata,
  ).toEqual({ cluster: 'edge', revision: 'main@sha1:abc' });
});

it('keeps to itself what is not of Flux and what is no news', () => {
  const involvedObject = { ...event.involvedObject, apiVersion: 'apps/v1' };
  expect(fluxEventOf({ ...event, involvedObject })).toBeUndefined();
  expect(
    fluxEventOf({ ...event, reason: 'GitOperationSucceeded' }),
  ).toBeUndefined();
});

it.each<[string, Partial<Alert['spec']>, boolean]>([
  ['any of the kind', {}, true],
  ['errors only', { eventSeverity: 'error' }, true],
  ['suspended', { suspend: true }, false],
  [
    'by name',
    { eventSources: [{ kind: 'Kustomization', name: 'apps' }] },
    true,
  ],
  [
    'another name',
    { eventSources: [{ kind: 'Kustomization', name: 'infra' }] },
    false,
  ],
  [
    'another kind',
    { eventSources: [{ kind: 'GitRepository', name: '*' }] },
    false,
  ],
  [
    'another namespace',
    { eventSources: [{ kind: 'Kustomization', name: '*', namespace: 'apps' }] },
    false,
  ],
  [
    'labels it has',
    {
      eventSources: [
        { kind: 'Kustomization', name: '*', matchLabels: { stage: 'test' } },
      ],
    },
    true,
  ],
  [
    'labels it has not',
    {
      eventSources: [
        { kind: 'Kustomization', name: '*', matchLabels: { stage: 'live' } },
      ],
    },
    false,
  ],
  ['included', { inclusionList: ['^health check'] }, true],
  ['not included', { inclusionList: ['^other'] }, false],
  ['excluded', { exclusionList: ['failed after'] }, false],
])('chooses by the alert: %s', (_case, spec, wanted) => {
  const news = fluxEventOf(event);
  expect(news && isWanted(alert(spec), news, { stage: 'test' })).toBe(wanted);
});

it('leaves information out when only errors are asked for', () => {
  const news = fluxEventOf({ ...event, type: 'Normal' });
  expect(
    news && isWanted(alert({ eventSeverity: 'error' }), news, undefined),
  ).toBe(false);
});
