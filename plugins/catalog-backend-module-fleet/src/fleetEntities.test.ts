// SPDX-License-Identifier: Apache-2.0
import { makeValidator } from '@backstage/catalog-model';
import fc from 'fast-check';
import { entityName } from './fleetEntities';

const { isValidEntityName } = makeValidator();

it('keeps names that are names', () => {
  expect(entityName('edge-production')).toBe('edge-production');
  expect(entityName('edge-production', 'oslo')).toBe('edge-production.oslo');
});

it('makes a name that the catalog takes of anything, and another of anything else', () => {
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom('a', 'a.b', 'b', 'A', '', '.', 'a/b', '-', 'a_b', 'a-b'),
  );
  fc.assert(
    fc.property(text, text, text, text, (cluster, site, other, another) => {
      const name = entityName(cluster, site);
      expect(isValidEntityName(name)).toBe(true);
      expect(isValidEntityName(entityName(cluster))).toBe(true);
      expect(name).not.toBe(entityName(cluster));
      const isSame = cluster === other && site === another;
      expect(name === entityName(other, another)).toBe(isSame);
    }),
  );
});
