// SPDX-License-Identifier: Apache-2.0
import { useState, type ReactNode } from 'react';
import {
  createDeliveryRuntime,
  DeliveryProvider,
  type DeliveryRuntime,
} from './DeliveryRuntime';
import { createPageClock } from '../time/PageClock';

/** Makes one runtime per app and gives it to every view of the plugin. */
export const deliveryWrapper = {
  useWrapperValue: useDeliveryRuntime,
  component: (props: { children: ReactNode; value: DeliveryRuntime }) => (
    <DeliveryProvider runtime={props.value}>{props.children}</DeliveryProvider>
  ),
};

function useDeliveryRuntime(): DeliveryRuntime {
  const [runtime] = useState(() =>
    createDeliveryRuntime(createPageClock(Date.now)),
  );
  return runtime;
}
