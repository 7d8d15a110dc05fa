// SPDX-License-Identifier: Apache-2.0
import type { AuthService } from '@backstage/backend-plugin-api';
import {
  RELATION_CHILD_OF,
  RELATION_MEMBER_OF,
  type Entity,
} from '@backstage/catalog-model';
import { ServiceUnavailableError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { PORTAL_ACTOR } from '@causeway/plugin-delivery-common';
import type { Actors } from '../audit/Actors';
import { canonicalRef } from './canonicalRef';

/** Groups above groups are few; this only ends a circle of a broken catalog. */
const MOST_GROUPS = 100;

/** How the portal signs what it commits by itself; an address at which nobody is. */
const portal = { name: 'Causeway', email: 'causeway@portal.invalid' };

/** People and groups of the catalog. Asked anew each time, because rights hang on the answers. */
export class CatalogActors implements Actors {
  readonly #catalog: Pick<CatalogService, 'getEntitiesByRefs'>;
  readonly #auth: AuthService;

  constructor(options: {
    readonly catalog: Pick<CatalogService, 'getEntitiesByRefs'>;
    readonly auth: AuthService;
  }) {
    this.#catalog = options.catalog;
    this.#auth = options.auth;
  }

  async describe(
    entityRef: string,
  ): Promise<{ readonly name: string; readonly email: string }> {
    if (entityRef === PORTAL_ACTOR) return portal;
    const [entity] = isEntityRef(entityRef)
      ? await this.#load([entityRef])
      : [];
    const profile = profileOf(entity);
    return {
      name: profile.displayName ?? entity?.metadata.title ?? entityRef,
      email: profile.email ?? `${localPart(entityRef)}@unknown.invalid`,
    };
  }

  async isMember(user: string, group: string): Promise<boolean> {
    if (!isEntityRef(user)) return false;
    const [entity] = await this.#load([user]);
    const wanted = group.toLocaleLowerCase('en');
    const seen = new Set<string>();
    let next = targets(entity, RELATION_MEMBER_OF);
    while (next.length > 0 && seen.size < MOST_GROUPS) {
      if (next.includes(wanted)) return true;
      next.forEach(ref => seen.add(ref));
      const groups = await this.#load(next);
      next = groups
        .flatMap(one => targets(one, RELATION_CHILD_OF))
        .filter(ref => !seen.has(ref));
    }
    return false;
  }

  async #load(refs: readonly string[]): Promise<(Entity | undefined)[]> {
    try {
      const { items } = await this.#catalog.getEntitiesByRefs(
        { entityRefs: [...refs] },
        { credentials: await this.#auth.getOwnServiceCredentials() },
      );
      return items;
    } catch (error) {
      throw new ServiceUnavailableError('The catalog can not be asked', error);
    }
  }
}

function targets(entity: Entity | undefined, relation: string): string[] {
  return (entity?.relations ?? [])
    .filter(({ type }) => type === relation)
    .map(({ targetRef }) => targetRef.toLocaleLowerCase('en'));
}

function profileOf(entity: Entity | undefined): {
  readonly displayName?: string;
  readonly email?: string;
} {
  const profile = entity?.spec?.profile;
  if (
    typeof profile !== 'object' ||
    profile === null ||
    Array.isArray(profile)
  ) {
    return {};
  }
  const { displayName, email } = profile;
  return {
    ...(typeof displayName === 'string' && { displayName }),
    ...(typeof email === 'string' && { email }),
  };
}

/** The portal itself, for example, is no entity of the catalog. */
function isEntityRef(text: string): boolean {
  return canonicalRef(text) !== undefined && !text.startsWith('plugin:');
}

function localPart(entityRef: string): string {
  return (
    entityRef
      .slice(entityRef.lastIndexOf('/') + 1)
      .replace(/[^A-Za-z0-9._-]+/g, '-') || 'unknown'
  );
}
