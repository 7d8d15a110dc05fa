// SPDX-License-Identifier: Apache-2.0
import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import { signalApiRef, type SignalApi } from '@backstage/plugin-signals-react';
import type {
  DrillClient,
  FleetActionClient,
  FleetClient,
} from '@causeway/plugin-delivery-common';
import {
  createDeliveryRuntime,
  DeliveryProvider,
} from '@causeway/plugin-delivery-react';
import { act, type RenderResult } from '@testing-library/react';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import type { ReactElement } from 'react';
import { useLocation } from 'react-router-dom';
import { actionsApiRef } from '../src/actions/actionsApi';
import { fleetApiRef } from '../src/api/fleetApi';
import { fleetReading } from '../src/data/wrapper';
import { drillApiRef } from '../src/drills/drillApi';
import { fleetRouteRef } from '../src/routes';
import { waveApiRef, type WaveClient } from '../src/waves/waveApi';
import { StoryActions } from './StoryActions';
import { StoryWaves } from './StoryWaves';
import { StoryDrills } from './StoryDrills';

/** The moment at which the page clock stands still, in milliseconds. */
export const STORY = Date.parse('2026-11-19T14:32:00Z');

/** A fleet page in a test app, and what a test does with it. */
export interface RenderedFleet extends RenderResult {
  readonly user: UserEvent;
  /** The query of the address. */
  readonly address: () => string;
  readonly signal: () => Promise<void>;
}

/**
 * Shows a fleet page in a test app over a client of the delivery backend; `signal()` is the backend
 * saying that something changed in the fleet.
 */
export function renderFleet(
  page: ReactElement,
  options: {
    client: FleetClient;
    actions?: FleetActionClient;
    waves?: WaveClient;
    drills?: DrillClient;
    path?: string;
  },
): RenderedFleet {
  const onSignal = new Set<(message: string) => void>();
  const signals: SignalApi = {
    subscribe(channel, onMessage) {
      // As it comes over the wire, where nothing knows its type.
      const listener = (message: string) => onMessage(JSON.parse(message));
      if (channel === 'fleet') onSignal.add(listener);
      return { unsubscribe: () => onSignal.delete(listener) };
    },
  };
  const runtime = createDeliveryRuntime(
    { now: () => STORY, subscribe: () => () => undefined },
    { ...fleetReading, gatherFor: 100 },
  );
  let search = '';
  function Address() {
    search = useLocation().search;
    return null;
  }
  const view: RenderResult = renderInTestApp(
    <DeliveryProvider runtime={runtime}>
      <Address />
      {page}
    </DeliveryProvider>,
    {
      initialRouteEntries: [options.path ?? '/'],
      apis: [
        [fleetApiRef, options.client],
        [actionsApiRef, options.actions ?? new StoryActions(STORY)],
        [drillApiRef, options.drills ?? new StoryDrills(STORY)],
        [signalApiRef, signals],
        [waveApiRef, options.waves ?? new StoryWaves(STORY)],
        mockApis.identity({ userEntityRef: 'user:default/jonas' }),
      ],
      mountedRoutes: {
        '/fleet': fleetRouteRef,
      },
    },
  );
  return {
    ...view,
    user: userEvent.setup(),
    address: () => decodeURIComponent(search),
    signal: () =>
      act(async () => onSignal.forEach(tell => tell('{"revision":"next"}'))),
  };
}
