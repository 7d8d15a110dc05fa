// SPDX-License-Identifier: Apache-2.0
import { Route, Routes, useParams } from 'react-router-dom';
import { ActionPage } from './actions/ActionPage';
import { ActionsPage } from './actions/ActionsPage';
import { DevicePage } from './device/DevicePage';
import { DrillPage } from './drills/DrillPage';
import { DrillsPage } from './drills/DrillsPage';
import {
  actionRouteRef,
  actionsRouteRef,
  deviceRouteRef,
  drillRouteRef,
  drillsRouteRef,
  siteRouteRef,
  waveRouteRef,
  wavesRouteRef,
} from './routes';
import { SitePage } from './site/SitePage';
import { WavePage } from './waves/WavePage';
import { WavesPage } from './waves/WavesPage';

/** The pages of one thing each, and of what is done with the fleet. */
export function DetailRoutes() {
  return (
    <Routes>
      <Route path={siteRouteRef.path} element={<SiteRoute />} />
      <Route path={deviceRouteRef.path} element={<DeviceRoute />} />
      <Route path={actionsRouteRef.path} element={<ActionsPage />} />
      <Route path={actionRouteRef.path} element={<ActionRoute />} />
      <Route path={drillsRouteRef.path} element={<DrillsPage />} />
      <Route path={drillRouteRef.path} element={<DrillRoute />} />
      <Route path={wavesRouteRef.path} element={<WavesPage />} />
      <Route path={waveRouteRef.path} element={<WaveRoute />} />
    </Routes>
  );
}

function DrillRoute() {
  const { id = '' } = useParams();
  return <DrillPage key={id} id={id} />;
}

function WaveRoute() {
  const { promotion = '' } = useParams();
  return <WavePage key={promotion} promotion={promotion} />;
}

function SiteRoute() {
  const { cluster = '', site = '' } = useParams();
  return <SitePage key={`${cluster}/${site}`} cluster={cluster} site={site} />;
}

function ActionRoute() {
  const { id = '' } = useParams();
  return <ActionPage key={id} id={id} />;
}

function DeviceRoute() {
  const { cluster = '', name = '' } = useParams();
  return (
    <DevicePage key={`${cluster}/${name}`} cluster={cluster} name={name} />
  );
}
