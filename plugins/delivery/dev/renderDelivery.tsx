// SPDX-License-Identifier: Apache-2.0
import { toastApiRef } from '@backstage/frontend-plugin-api';
import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import { signalApiRef, type SignalApi } from '@backstage/plugin-signals-react';
import type { DeliveryClient } from '@causeway/plugin-delivery-common';
import { act, type RenderResult } from '@testing-library/react';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import type { ReactElement } from 'react';
import {
  createDeliveryRuntime,
  DeliveryProvider,
} from '@causeway/plugin-delivery-react';
import { deliveryApiRef } from '../src/api/deliveryApi';

/** A delivery page in a test app, and what a test does with it. */
export interface RenderedDelivery extends RenderResult {
  readonly posted: readonly string[];
  readonly user: UserEvent;
  pass(milliseconds: number): Promise<void>;
  signal(): Promise<void>;
}

/**
 * Shows a delivery page in a test app over a client of the delivery backend. The page clock runs
 * `pass(milliseconds)` ahead of the wall clock; `signal()` is the backend saying that something
 * changed; `posted` are the titles of the toasts.
 */
export function renderDelivery(
  page: ReactElement,
  options: { client: DeliveryClient; path?: string },
): RenderedDelivery {
  let ahead = 0;
  const onSignal = new Set<(message: string) => void>();
  const signals: SignalApi = {
    subscribe(channel, onMessage) {
      // As it comes over the wire, where nothing knows its type.
      const listener = (message: string) => onMessage(JSON.parse(message));
      if (channel === 'delivery') onSignal.add(listener);
      return { unsubscribe: () => onSignal.delete(listener) };
    },
  };
  const posted: string[] = [];
  const onStep = new Set<() => void>();
  const runtime = createDeliveryRuntime(
    {
      now: () => Date.now() + ahead,
      subscribe(listener) {
        onStep.add(listener);
        return () => onStep.delete(listener);
      },
    },
    // Long enough that signals sent in a row are gathered on a slow machine too.
    { gatherFor: 1_500 },
  );
  const view: RenderResult = renderInTestApp(
    <DeliveryProvider runtime={runtime}>{page}</DeliveryProvider>,
    {
      initialRouteEntries: [options.path ?? '/'],
      apis: [
        [deliveryApiRef, options.client],
        [signalApiRef, signals],
        [
          toastApiRef,
          {
            post: ({ title }) => {
              posted.push(String(title));
              return { close: () => undefined };
            },
          },
        ],
        mockApis.identity({ userEntityRef: 'user:default/jonas' }),
      ],
    },
  );
  return {
    ...view,
    posted,
    user: userEvent.setup(),
    /** Lets time pass on the page, and the page look at its clock. */
    pass: (milliseconds: number) =>
      act(async () => {
        ahead += milliseconds;
        onStep.forEach(step => step());
      }),
    signal: () =>
      act(async () => onSignal.forEach(tell => tell('{"revision":"next"}'))),
  };
}
