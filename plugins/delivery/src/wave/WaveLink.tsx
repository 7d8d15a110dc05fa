// SPDX-License-Identifier: Apache-2.0
import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Card, CardBody, Link, Text } from '@backstage/ui';
import type { StageView } from '@causeway/plugin-delivery-common';
import { waveRouteRef } from '../routes';
import { useDeliveryTranslation } from '../translation';

/** The way from a stage to the wave that brings its versions to devices. */
export function WaveLink(props: { stage: StageView }) {
  const { t } = useDeliveryTranslation();
  const wave = useRouteRef(waveRouteRef);
  const { stage } = props;
  const promotion = stage.active ?? stage.last;
  const hasBegun = promotion && 'commit' in promotion && promotion.commit;
  const path = hasBegun && wave?.({ promotion: promotion.id });
  return (
    <Card>
      <CardBody>
        <Text as="h3" variant="body-medium" weight="bold">
          {t('wave.title', { stage: stage.title })}
        </Text>
        <p>{stage.active ? stage.next : t('wave.explain')}</p>
        {path && promotion ? (
          <Link href={path}>
            {t('wave.open', { version: promotion.release.version })}
          </Link>
        ) : (
          <Text>{t('wave.none')}</Text>
        )}
      </CardBody>
    </Card>
  );
}
