// SPDX-License-Identifier: Apache-2.0
import { DeliveryProblem } from '@causeway/plugin-delivery-common';
import { screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { renderFleet, STORY } from '../../dev/renderFleet';
import { StoryFleet } from '../../dev/StoryFleet';
import { FleetPage } from './FleetPage';

function show(path = '/', client = new StoryFleet(STORY)) {
  return { client, ...renderFleet(<FleetPage />, { client, path }) };
}

const devices = () => screen.findByRole('region', { name: 'Devices' });
const map = () => screen.findByRole('region', { name: 'Map of sites' });

/** The names of the devices in the table, in its order. */
async function shown(): Promise<readonly string[]> {
  const rows = await within(await devices()).findAllByRole('rowheader');
  return rows.map(row => within(row).getByRole('link').textContent ?? '');
}

describe('the page of the fleet', () => {
  it('opens with what is wrong: worst first in the table, and worst wins on the map', async () => {
    show();
    expect((await shown()).slice(0, 3)).toEqual([
      'hamburg-pi-01',
      'milan-jetson-01',
      'gdansk-jetson-01',
    ]);
    const marks = within(await map()).getAllByRole('button', {
      name: /device/,
    });
    expect(marks[0]).toHaveAccessibleName(
      'Hamburg, 2 devices: 1 failing, 1 healthy',
    );
    expect(screen.getByRole('button', { name: /Gdansk/ })).toHaveAccessibleName(
      'Gdansk, 2 devices: 2 away',
    );
  });

  it('tells an incident once, names the cluster that is silent, and lists the site without a place', async () => {
    show();
    expect(
      await screen.findByText('All devices at Gdansk went away together.'),
    ).toBeVisible();
    expect(screen.getByText('Edge staging')).toBeVisible();
    expect(screen.getByText(/The connection was refused/)).toBeVisible();
    expect(await screen.findByText('1 site without coordinates')).toBeVisible();
    expect(
      screen.getByRole('button', { name: /Mobile depot/ }),
    ).toHaveTextContent('1 stale');
  });

  it('filters map and table alike by a part of the summary, and says so in the address', async () => {
    const { user, address } = show();
    const health = await screen.findByRole('group', { name: 'Health' });
    await user.click(
      within(health).getByRole('button', { name: '1 Degraded' }),
    );
    await waitFor(async () =>
      expect(await shown()).toEqual(['milan-jetson-01']),
    );
    expect(address()).toBe('?health=warning');
    await waitFor(() =>
      expect(screen.queryByRole('button', { name: /Oslo/ })).toBeNull(),
    );
    expect(
      screen.getByRole('button', { name: 'Milan, 1 device: 1 degraded' }),
    ).toBeVisible();

    await user.click(
      screen.getByRole('button', { name: 'Remove Health Degraded' }),
    );
    await waitFor(() => expect(address()).toBe(''));
  });

  it('shows what a link asks for', async () => {
    show('/?connectivity=offline&hardware=raspberry-pi-5&sort=name');
    expect(await shown()).toEqual(['gdansk-pi-01', 'oslo-pi-01']);
    expect(
      screen.getByRole('button', { name: 'Remove Connectivity Away' }),
    ).toBeVisible();
    expect(
      screen.getByRole('columnheader', { name: 'Device' }),
    ).toHaveAttribute('aria-sort', 'ascending');
  });

  it('narrows the table to the site that is chosen on the map, and keeps the others on the map', async () => {
    const { user, address } = show();
    await user.click(await screen.findByRole('button', { name: /Milan/ }));
    await waitFor(async () =>
      expect(await shown()).toEqual(['milan-jetson-01', 'milan-pi-01']),
    );
    expect(address()).toBe('?site=edge-production/milan');
    expect(
      await screen.findByRole('button', { name: 'Remove Site Milan' }),
    ).toBeVisible();
    expect(screen.getByRole('button', { name: /Oslo/ })).toBeVisible();
    expect(screen.getByRole('link', { name: 'Open Milan' })).toHaveAttribute(
      'href',
      '/fleet/sites/edge-production/milan',
    );
  });

  it('is worked by the keyboard alone, and never loses the focus', async () => {
    const { user, address } = show();
    await map();
    const surface = screen.getByRole('button', { name: 'Move about the map' });
    surface.focus();
    await user.keyboard('{Enter}');
    expect(document.activeElement).toHaveAccessibleName(/^Hamburg/);
    await user.keyboard('{ArrowDown}');
    expect(document.activeElement).toHaveAccessibleName(/^Milan|^Rotterdam/);
    await user.keyboard('{Home}{Enter}');
    await waitFor(() =>
      expect(address()).toBe('?site=edge-production/hamburg'),
    );
    expect(document.activeElement).toHaveAttribute('aria-pressed', 'true');
    // From far away everything is one mark: the focus goes to it.
    await user.keyboard('----');
    await waitFor(() =>
      expect(document.activeElement).toHaveAccessibleName(/and 5 sites more/),
    );
    await user.keyboard('{Escape}');
    expect(document.activeElement).toBe(surface);
    await user.keyboard('{Escape}');
    await waitFor(() => expect(address()).toBe(''));
  });

  it('takes a group of sites apart instead of choosing it', async () => {
    const { user, address } = show();
    await map();
    screen.getByRole('button', { name: 'Move about the map' }).focus();
    await user.keyboard('----{Enter}');
    expect(document.activeElement).toHaveAccessibleName(/and 5 sites more/);
    await user.keyboard('{Enter}');
    expect(document.activeElement).not.toHaveAccessibleName(/and 5 sites more/);
    expect(document.activeElement).toHaveAccessibleName(/device/);
    expect(address()).toBe('');
  });

  it('searches when typing rests', async () => {
    const { user, client } = show();
    await shown();
    const ask = jest.spyOn(client, 'getFleetDevices');
    await user.type(screen.getByRole('searchbox'), 'oslo');
    await waitFor(async () =>
      expect(await shown()).toEqual(['oslo-pi-01', 'oslo-jetson-01']),
    );
    expect(ask.mock.calls.map(([question]) => question?.text)).toContain(
      'oslo',
    );
    ask.mockRestore();
  });

  it('goes through the pages, and back to the first one when another question is asked', async () => {
    const client = new StoryFleet(STORY);
    client.pageSize = 5;
    const { user } = show('/?sort=name', client);
    const first = await shown();
    await user.click(screen.getByRole('button', { name: 'Next' }));
    await waitFor(async () => expect(await shown()).not.toEqual(first));
    await user.click(screen.getByRole('button', { name: 'Device' }));
    await waitFor(async () =>
      expect((await shown())[0]).toBe('rotterdam-pi-01'),
    );
    expect(screen.queryByRole('button', { name: 'Previous' })).toBeNull();
  });

  it('groups the digits of large counts', async () => {
    const client = new StoryFleet(STORY);
    const small = client.getFleetSummary.bind(client);
    client.getFleetSummary = async () => {
      const { view, ...answer } = await small();
      const health = { ...view.axes.health, ok: 98_765 };
      return {
        ...answer,
        view: {
          ...view,
          devices: 100_003,
          sites: 2_000,
          axes: { ...view.axes, health },
          incidents: view.incidents.map(incident => ({
            ...incident,
            devices: 1_234,
            of: 5_678,
          })),
        },
      };
    };
    show('/', client);
    expect(
      await screen.findByText('100,003 devices at 2,000 sites'),
    ).toBeVisible();
    expect(
      screen.getByRole('button', { name: '98,765 Healthy' }),
    ).toBeVisible();
    expect(screen.getByText(/1,234 of 5,678 devices/)).toBeVisible();
  });

  it('says that nobody reports a value instead of showing zero', async () => {
    show('/?site=edge-production/depot');
    const table = await devices();
    expect(await within(table).findAllByText('not reported')).toHaveLength(2);
  });

  it('says when nothing fits, and when there is nothing', async () => {
    const client = new StoryFleet(STORY);
    const { unmount } = show('/?text=nowhere', client);
    expect(await screen.findByText('No device fits the filter.')).toBeVisible();
    unmount();
    client.devices = [];
    show('/', client);
    expect(await screen.findByText('There are no devices yet')).toBeVisible();
  });

  it('keeps what it shows when a refresh fails, with its age', async () => {
    const { client, signal } = show();
    const before = await shown();
    client.getFleetDevices = async () => {
      throw new DeliveryProblem('The portal is going down.', {
        status: 503,
        code: 'unavailable',
      });
    };
    await signal();
    expect(await screen.findByText(/The portal is going down/)).toBeVisible();
    expect(await shown()).toEqual(before);
  });

  it('shows names from the clusters as text, whatever is in them', async () => {
    const client = new StoryFleet(STORY);
    const evil = '<img src=x onerror=alert(1)>';
    client.devices = client.devices.map((device, index) =>
      index === 0 ? { ...device, name: evil, siteName: evil } : device,
    );
    show('/?sort=name', client);
    expect(await shown()).toContain(evil);
    expect(document.querySelector('img')).toBeNull();
  });

  it('has nothing that axe finds serious', async () => {
    const { container } = show('/?health=warning');
    await shown();
    await map();
    const { violations } = await axe.run(container, {
      rules: {
        'color-contrast': { enabled: false },
        region: { enabled: false },
      },
    });
    expect(violations.map(({ id }) => id)).toEqual([]);
  });
});
