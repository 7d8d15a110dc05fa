// SPDX-License-Identifier: Apache-2.0
import { useState, type ReactNode } from 'react';
import {
  createDeliveryRuntime,
  DeliveryProvider,
  type DeliveryRuntime,
  type RuntimeOptions,
} from './DeliveryRuntime';
import { createPageClock } from '../time/PageClock';

/**
 * What a plugin gives to `PluginWrapperBlueprint`: one runtime per app, given to every view of the
 * plugin.
 *
 * @public
 */
export function makePluginWrapper(options: RuntimeOptions): {
  useWrapperValue: () => DeliveryRuntime;
  component: (props: {
    children: ReactNode;
    value: DeliveryRuntime;
  }) => JSX.Element;
} {
  return {
    useWrapperValue: function useDeliveryRuntime() {
      const [runtime] = useState(() =>
        createDeliveryRuntime(createPageClock(Date.now), options),
      );
      return runtime;
    },
    component: props => (
      <DeliveryProvider runtime={props.value}>
        {props.children}
      </DeliveryProvider>
    ),
  };
}
