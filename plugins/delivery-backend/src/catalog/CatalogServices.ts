// SPDX-License-Identifier: Apache-2.0
import type { AuthService } from '@backstage/backend-plugin-api';
import {
  CATALOG_FILTER_EXISTS,
  type EntityFilterQuery,
} from '@backstage/catalog-client';
import {
  ANNOTATION_SOURCE_LOCATION,
  ANNOTATION_LOCATION,
  parseEntityRef,
  parseLocationRef,
  RELATION_OWNED_BY,
  stringifyEntityRef,
  type Entity,
} from '@backstage/catalog-model';
import { ServiceUnavailableError } from '@backstage/errors';
import type { ScmIntegrations } from '@backstage/integration';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { Clock } from '../Clock';
import { canonicalRef } from './canonicalRef';
import type { PipelineLocation, Service, Services } from './Services';

/** Annotation that names the pipeline document, relative to where the entity is described, or `url:…`. */
export const PIPELINE_ANNOTATION = 'causeway.dev/pipeline';

/** How long an answer of the catalog is used again, found or not. */
const KEPT_FOR = 5_000;

/** The catalog as seen by the portal itself, with answers kept for seconds so that reads do not flood it. */
export class CatalogServices implements Services {
  readonly #catalog: Pick<CatalogService, 'getEntities' | 'getEntityByRef'>;
  readonly #auth: AuthService;
  readonly #integrations: Pick<ScmIntegrations, 'resolveUrl'>;
  readonly #clock: Clock;
  readonly #kept = new Map<
    string,
    { readonly at: number; readonly answer: Promise<Service | undefined> }
  >();

  constructor(options: {
    readonly catalog: Pick<CatalogService, 'getEntities' | 'getEntityByRef'>;
    readonly auth: AuthService;
    readonly integrations: Pick<ScmIntegrations, 'resolveUrl'>;
    readonly clock: Clock;
  }) {
    this.#catalog = options.catalog;
    this.#auth = options.auth;
    this.#integrations = options.integrations;
    this.#clock = options.clock;
  }

  async find(text: string): Promise<Service | undefined> {
    const ref = canonicalRef(text);
    if (!ref) return undefined;
    const now = this.#clock().getTime();
    const kept = this.#kept.get(ref);
    if (kept && now - kept.at < KEPT_FOR) return kept.answer;
    this.#forgetOld(now);
    const answer = this.#ask(ref);
    this.#kept.set(ref, { at: now, answer });
    answer.catch(() => this.#kept.delete(ref));
    return answer;
  }

  async withPipelines(): Promise<readonly Service[]> {
    const filter: EntityFilterQuery = {
      [`metadata.annotations.${PIPELINE_ANNOTATION}`]: CATALOG_FILTER_EXISTS,
    };
    const { items } = await this.#reach(async () =>
      this.#catalog.getEntities(
        { filter },
        { credentials: await this.#auth.getOwnServiceCredentials() },
      ),
    );
    return items.map(entity => this.#describe(entity));
  }

  async #ask(ref: string): Promise<Service | undefined> {
    const entity = await this.#reach(async () =>
      this.#catalog.getEntityByRef(ref, {
        credentials: await this.#auth.getOwnServiceCredentials(),
      }),
    );
    return entity && this.#describe(entity);
  }

  async #reach<T>(request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      throw new ServiceUnavailableError('The catalog can not be asked', error);
    }
  }

  #forgetOld(now: number) {
    for (const [ref, { at }] of this.#kept) {
      if (now - at >= KEPT_FOR) this.#kept.delete(ref);
    }
  }

  #describe(entity: Entity): Service {
    const source = sourceUrl(entity);
    const annotation = entity.metadata.annotations?.[PIPELINE_ANNOTATION];
    const system = entity.spec?.system;
    return {
      ref: stringifyEntityRef(entity),
      title: entity.metadata.title ?? entity.metadata.name,
      owners: (entity.relations ?? [])
        .filter(relation => relation.type === RELATION_OWNED_BY)
        .map(relation => relation.targetRef),
      ...(typeof system === 'string' && {
        system: parseEntityRef(system, { defaultKind: 'system' }).name,
      }),
      ...(source && { source }),
      ...(annotation && { pipeline: this.#resolve(annotation, source) }),
    };
  }

  #resolve(annotation: string, source: string | undefined): PipelineLocation {
    const absolute = /^url:(.+)$/.exec(annotation)?.[1];
    if (absolute) return { url: absolute };
    if (!source) {
      return {
        problem: `The annotation ${PIPELINE_ANNOTATION} is relative, but the entity has no source location that is a URL.`,
      };
    }
    try {
      return {
        url: this.#integrations.resolveUrl({ url: annotation, base: source }),
      };
    } catch {
      return {
        problem: `The annotation ${PIPELINE_ANNOTATION}: ${annotation} is not a path below ${source}.`,
      };
    }
  }
}

function sourceUrl(entity: Entity): string | undefined {
  const annotations = entity.metadata.annotations ?? {};
  for (const name of [ANNOTATION_SOURCE_LOCATION, ANNOTATION_LOCATION]) {
    const reference = annotations[name];
    if (reference) {
      const { type, target } = parseLocationRef(reference);
      if (type === 'url') return target;
    }
  }
  return undefined;
}
