// SPDX-License-Identifier: Apache-2.0
import type { FleetDevice } from '@causeway/plugin-delivery-common';
import { screen, within } from '@testing-library/react';
import { Route, Routes } from 'react-router-dom';
import { renderFleet, STORY } from '../dev/renderFleet';
import { StoryFleet } from '../dev/StoryFleet';
import { FleetRoutes } from './FleetRoutes';

/** Texts that are something else for a browser, a router, a shell or a file system. */
const hostile = [
  '<img src=x onerror=alert(1)>',
  '</script><script>alert(1)</script>',
  '../../catalog',
  '%2e%2e',
  '//evil.example/x',
  `${'javascript'}:alert(1)`,
  'a/b?site=c#d',
  ':cluster/*',
  '__proto__',
];

/** Keys of a device whose texts come from clusters and devices as they are. */
const told = ['message', 'desired', 'observed', 'reported', 'version'];

/** The same view with one text wherever a cluster or a device may write what it likes. */
function speaking(view: FleetDevice, text: string): FleetDevice {
  return JSON.parse(JSON.stringify(view), (key, value: unknown) => {
    if (typeof value !== 'string') return value;
    if (told.includes(key)) return text;
    return key === 'name' && value !== text ? `${value} ${text}` : value;
  });
}

class HostileFleet extends StoryFleet {
  readonly asked: { cluster: string; name: string }[] = [];
  readonly sites: string[] = [];

  constructor(readonly text: string) {
    super(STORY);
    this.devices = this.devices.map((device, index) =>
      index === 0
        ? { ...device, name: text, site: text, siteName: text, version: text }
        : device,
    );
  }

  override async getFleetDevice(path: { cluster: string; name: string }) {
    this.asked.push(path);
    const answer = await super.getFleetDevice(path);
    const labels = { 'example.com/trap': this.text };
    return {
      ...answer,
      view: { ...speaking(answer.view, this.text), labels },
    };
  }

  override async getFleetSite(path: { site: string; cluster?: string }) {
    this.sites.push(path.site);
    const answer = await super.getFleetSite({ ...path, site: 'oslo' });
    return { ...answer, view: { ...answer.view, name: this.text } };
  }
}

/** Nothing became an element, and no link leaves the pages of the fleet. */
function expectInert(): void {
  expect(document.querySelector('img, script, iframe, object')).toBeNull();
  for (const link of document.querySelectorAll('a')) {
    const { origin, pathname } = new URL(link.href, window.location.href);
    expect([origin, pathname]).toEqual([
      window.location.origin,
      expect.stringMatching(/^\/fleet(?:\/|$)/),
    ]);
  }
}

it.each(hostile)('takes %j for a name and nothing else', async text => {
  const client = new HostileFleet(text);
  const { user } = renderFleet(
    <Routes>
      <Route path="/fleet/*" element={<FleetRoutes />} />
    </Routes>,
    { client, path: '/fleet' },
  );
  const table = await screen.findByRole('region', { name: 'Devices' });
  const [device] = await within(table).findAllByRole('link', { name: text });
  expectInert();

  await user.click(device);
  expect(
    await screen.findByRole('heading', { level: 1, name: text }),
  ).toBeVisible();
  const { cluster } = client.devices[0];
  expect(client.asked.at(-1)).toEqual({ cluster, name: text });
  expect(screen.getByText(`example.com/trap=${text}`)).toBeVisible();
  expectInert();

  const path = screen.getByRole('navigation', { name: 'Where you are' });
  await user.click(within(path).getByRole('link', { name: text }));
  expect(await screen.findByText(/Owner: team-sorting/)).toBeVisible();
  expect(client.sites.at(-1)).toBe(text);
  expectInert();
});
