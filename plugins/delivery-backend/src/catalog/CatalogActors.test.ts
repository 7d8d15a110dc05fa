// SPDX-License-Identifier: Apache-2.0
import { mockServices } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { CatalogActors } from './CatalogActors';

function group(name: string, parents: string[]): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Group',
    metadata: { name, namespace: 'default' },
    spec: { type: 'team', children: [] },
    relations: parents.map(parent => ({
      type: 'childOf',
      targetRef: `group:default/${parent}`,
    })),
  };
}

const actors = new CatalogActors({
  auth: mockServices.auth(),
  catalog: catalogServiceMock({
    entities: [
      {
        apiVersion: 'backstage.io/v1alpha1',
        kind: 'User',
        metadata: { name: 'mia', namespace: 'default' },
        spec: {
          profile: {
            displayName: 'Mia Lindqvist',
            email: 'mia@norden.example',
          },
        },
        relations: [
          { type: 'memberOf', targetRef: 'group:default/team-vision' },
        ],
      },
      group('team-vision', ['sorting-teams']),
      group('sorting-teams', ['norden']),
      // A circle, as a broken catalog may hold it.
      group('norden', ['sorting-teams']),
      group('team-leads', []),
    ],
  }),
});

describe('CatalogActors', () => {
  it.each([
    [
      'user:default/mia',
      { name: 'Mia Lindqvist', email: 'mia@norden.example' },
    ],
    [
      'user:default/gone',
      { name: 'user:default/gone', email: 'gone@unknown.invalid' },
    ],
    ['plugin:delivery', { name: 'Causeway', email: 'causeway@portal.invalid' }],
  ])('names %s for a commit', async (ref, expected) => {
    expect(await actors.describe(ref)).toEqual(expected);
  });

  it.each([
    ['user:default/mia', 'group:default/team-vision', true],
    ['user:default/mia', 'group:default/norden', true],
    ['user:default/mia', 'group:default/team-leads', false],
    ['user:default/gone', 'group:default/team-vision', false],
    ['plugin:delivery', 'group:default/team-vision', false],
  ])('whether %s belongs to %s: %s', async (user, belongsTo, expected) => {
    expect(await actors.isMember(user, belongsTo)).toBe(expected);
  });
});
