// SPDX-License-Identifier: Apache-2.0
import { Skeleton } from '@backstage/ui';
import { Delayed } from '@causeway/plugin-delivery-react';
import { lazy, Suspense } from 'react';
import { Route, Routes } from 'react-router-dom';
import { FleetPage } from './overview/FleetPage';

const DetailRoutes = lazy(() =>
  import('./DetailRoutes').then(module => ({ default: module.DetailRoutes })),
);

/** The pages under `/fleet`. Whoever opens the map does not wait for the code of the others. */
export function FleetRoutes() {
  return (
    <Routes>
      <Route path="/" element={<FleetPage />} />
      <Route
        path="*"
        element={
          <Suspense
            fallback={
              <Delayed>
                <Skeleton width="100%" height={480} />
              </Delayed>
            }
          >
            <DetailRoutes />
          </Suspense>
        }
      />
    </Routes>
  );
}
