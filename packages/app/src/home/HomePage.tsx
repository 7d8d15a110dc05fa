// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from 'react';
import {
  parseEntityRef,
  stringifyEntityRef,
  type Entity,
} from '@backstage/catalog-model';
import { Link, ResponseErrorPanel } from '@backstage/core-components';
import {
  CATALOG_FILTER_EXISTS,
  type CatalogApi,
} from '@backstage/catalog-client';
import {
  identityApiRef,
  useApi,
  type IdentityApi,
} from '@backstage/frontend-plugin-api';
import { catalogApiRef, EntityRefLink } from '@backstage/plugin-catalog-react';
import { Card, CardBody, Skeleton, Text } from '@backstage/ui';
import styles from './HomePage.module.css';

type Services =
  | { readonly status: 'loading' }
  | {
      readonly status: 'ready';
      readonly mine: Entity[];
      readonly others: Entity[];
    }
  | { readonly status: 'failed'; readonly error: Error };

async function loadServices(
  catalogApi: CatalogApi,
  identityApi: IdentityApi,
): Promise<Services> {
  const [{ items }, { ownershipEntityRefs }] = await Promise.all([
    catalogApi.getEntities({
      filter: {
        kind: 'Component',
        'metadata.annotations.causeway.dev/pipeline': CATALOG_FILTER_EXISTS,
      },
      fields: ['kind', 'metadata', 'spec'],
    }),
    identityApi.getBackstageIdentity(),
  ]);
  const isMine = (entity: Entity) =>
    ownershipEntityRefs.includes(ownerOf(entity));
  return {
    status: 'ready',
    mine: items.filter(isMine),
    others: items.filter(entity => !isMine(entity)),
  };
}

function ownerOf(entity: Entity): string {
  return stringifyEntityRef(
    parseEntityRef(String(entity.spec?.owner ?? 'unknown'), {
      defaultKind: 'group',
      defaultNamespace: entity.metadata.namespace ?? 'default',
    }),
  );
}

function pipelineOf(entity: Entity): string {
  const namespace = entity.metadata.namespace ?? 'default';
  return `/catalog/${namespace}/component/${entity.metadata.name}/pipeline`;
}

function ServiceList(props: { title: string; services: readonly Entity[] }) {
  if (props.services.length === 0) {
    return null;
  }
  return (
    <Card>
      <CardBody>
        <h2 className={styles.heading}>{props.title}</h2>
        <ul className={styles.services}>
          {props.services.map(service => (
            <li key={stringifyEntityRef(service)} className={styles.service}>
              <Link to={pipelineOf(service)} className={styles.name}>
                {service.metadata.title ?? service.metadata.name}
              </Link>
              <Text color="secondary">{service.metadata.description}</Text>
              <EntityRefLink entityRef={ownerOf(service)} hideIcon />
            </li>
          ))}
        </ul>
      </CardBody>
    </Card>
  );
}

/** Greets a person with the services whose road they can watch, their own first. */
export function HomePage() {
  const catalogApi = useApi(catalogApiRef);
  const identityApi = useApi(identityApiRef);
  const [services, setServices] = useState<Services>({ status: 'loading' });

  useEffect(() => {
    let current = true;
    loadServices(catalogApi, identityApi).then(
      loaded => current && setServices(loaded),
      error => current && setServices({ status: 'failed', error }),
    );
    return () => {
      current = false;
    };
  }, [catalogApi, identityApi]);

  return (
    <main className={styles.page}>
      <Text as="p" variant="body-large">
        Open a service to see where each of its releases is, from commit to the
        last edge device. What waits for your decision is under{' '}
        <Link to="/delivery" underline="always">
          Delivery
        </Link>
        .
      </Text>
      {services.status === 'loading' && <Skeleton width="100%" height={160} />}
      {services.status === 'failed' && (
        <ResponseErrorPanel error={services.error} />
      )}
      {services.status === 'ready' && (
        <>
          <ServiceList title="Your services" services={services.mine} />
          <ServiceList
            title={services.mine.length > 0 ? 'Other services' : 'Services'}
            services={services.others}
          />
          {services.mine.length + services.others.length === 0 && (
            <Text as="p">
              No service has a pipeline yet. Add the annotation{' '}
              <code>causeway.dev/pipeline: ./delivery.yaml</code> to a
              component, and a pipeline document beside it.
            </Text>
          )}
        </>
      )}
    </main>
  );
}
