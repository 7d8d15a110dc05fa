// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Checkbox } from '@backstage/ui';
import type { PromotionPlan } from '@causeway/plugin-delivery-common';
import { useDeliveryTranslation } from '../translation';
import { configurationChanges } from './planChange';
import type { usePlanConsent } from './usePlanConsent';

/** What changed since the plan was shown, and the tick for configuration-only changes. */
export function ConsentPart(props: {
  plan: PromotionPlan;
  consent: ReturnType<typeof usePlanConsent>;
}) {
  const { t } = useDeliveryTranslation();
  const { plan, consent } = props;
  return (
    <>
      {consent.differences.length > 0 && (
        <Alert
          status="warning"
          icon
          role="alert"
          title={t('promote.planChanged')}
          description={consent.differences.join(' ')}
          customActions={
            <Button size="small" variant="secondary" onPress={consent.readOn}>
              {t('promote.readOn')}
            </Button>
          }
        />
      )}
      {consent.needsTick && (
        <Checkbox isSelected={consent.isTicked} onChange={consent.setTicked}>
          {t('changes.seen', { count: configurationChanges(plan).length })}
        </Checkbox>
      )}
    </>
  );
}
