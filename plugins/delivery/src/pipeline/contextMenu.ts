// SPDX-License-Identifier: Apache-2.0
import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { useRouteRef } from '@backstage/frontend-plugin-api';
import { useEntity } from '@backstage/plugin-catalog-react';
import { entityRouteRef } from '../routes';
import { useDeliveryTranslation } from '../translation';
import { withOpenDialog, type OpenDialog } from './openDialog';

/** Where a service's pipeline is, with a dialog open over it; undefined without a catalog page. */
export function usePipelinePath(): (
  service: string,
  open?: OpenDialog,
) => string | undefined {
  const entityPath = useRouteRef(entityRouteRef);
  return (service, open) => {
    const path = entityPath?.(parseEntityRef(service));
    if (path === undefined) return undefined;
    const search = withOpenDialog(new URLSearchParams(), open).toString();
    return `${path}/pipeline${search && `?${search}`}`;
  };
}

/** The menu item of an entity that opens the promote dialog. */
export function usePromoteItem() {
  const { t } = useDeliveryTranslation();
  return useItem(t('menu.promote'), { kind: 'promote' });
}

/** The menu item of an entity that opens the roll back dialog. */
export function useRollBackItem() {
  const { t } = useDeliveryTranslation();
  return useItem(t('menu.rollBack'), { kind: 'rollback' });
}

function useItem(title: string, open: OpenDialog) {
  const { entity } = useEntity();
  const path = usePipelinePath()(stringifyEntityRef(entity), open);
  return { title, href: path ?? '', disabled: path === undefined };
}
