// SPDX-License-Identifier: Apache-2.0
import { DeliveryProblem } from '@causeway/plugin-delivery-common';
import { act, screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { STORY } from '../../dev/renderFleet';
import { renderForm } from '../../dev/renderForm';
import { StoryFleet } from '../../dev/StoryFleet';

const jetson = () => screen.getByRole('checkbox', { name: 'Jetson Orin NX' });
const pi = () => screen.getByRole('checkbox', { name: 'Raspberry Pi 4 and 5' });

describe('the field for kinds of device', () => {
  it('counts the devices and sites of each kind, in the cluster that the template names', async () => {
    const client = new StoryFleet(STORY);
    const elsewhere = client.devices[0];
    client.devices = [
      ...client.devices,
      { ...elsewhere, id: 'edge-staging/one', cluster: 'edge-staging' },
    ];
    renderForm(client);
    await waitFor(() =>
      expect(jetson()).toHaveAccessibleDescription(/^7 devices at 6 sites/),
    );
    expect(pi()).toHaveAccessibleDescription(/^7 devices at 7 sites/);
    expect(
      screen.getByRole('group', { name: /^Devices/ }),
    ).toHaveAccessibleDescription(/Each gets an overlay of its own/);
    expect(screen.queryByText(/no device/i)).toBeNull();
  });

  it('is worked by the keyboard, and gives the kinds in the order of the template', async () => {
    const { user, send } = renderForm();
    await waitFor(() =>
      expect(jetson()).toHaveAccessibleDescription(/devices at/),
    );
    act(() => jetson().focus());
    await user.keyboard(' ');
    expect(jetson()).not.toBeChecked();
    await user.tab();
    expect(pi()).toHaveFocus();
    await user.keyboard(' ');
    expect(pi()).not.toBeChecked();
    await user.keyboard(' ');
    await user.tab({ shift: true });
    await user.keyboard(' ');
    expect(await send()).toEqual([
      expect.objectContaining({ hardware: ['jetson', 'raspberry-pi'] }),
    ]);
  });

  it('says in words that nothing is chosen, and goes on when something is', async () => {
    const { user, send } = renderForm();
    await user.click(jetson());
    await user.click(pi());
    await user.click(screen.getByRole('button', { name: 'Review' }));
    expect(
      await screen.findByText("'Devices' must be at least one kind of device"),
    ).toBeVisible();
    expect(
      screen.getByRole('group', { name: /^Devices/ }),
    ).toHaveAccessibleDescription(/must be at least one kind of device/);
    await user.click(pi());
    expect(await send()).toEqual([
      expect.objectContaining({ hardware: ['raspberry-pi'] }),
    ]);
  });

  it('warns of a chosen kind that the fleet has no device of, and refuses nothing', async () => {
    const client = new StoryFleet(STORY);
    client.devices = client.devices.filter(({ name }) => name.includes('-pi-'));
    const { user, send } = renderForm(client);
    const warning = await screen.findByText(
      /^The fleet has no device of the kind Jetson Orin NX yet/,
    );
    expect(screen.getAllByRole('status')).toContain(warning.parentElement);
    expect(jetson()).toHaveAccessibleDescription(/^No device yet/);
    await user.click(jetson());
    expect(warning).not.toBeInTheDocument();
    await user.click(jetson());
    expect(await send()).toEqual([
      expect.objectContaining({ hardware: ['jetson', 'raspberry-pi'] }),
    ]);
  });

  it('says why there are no counts while no device is known, and lets choose all the same', async () => {
    const client = new StoryFleet(STORY);
    client.devices = [];
    const { user, send } = renderForm(client);
    expect(
      await screen.findByText(/^The portal knows of no device there yet/),
    ).toBeVisible();
    expect(jetson()).not.toHaveAccessibleDescription(/device(s| yet)\b/);
    expect(screen.queryByText(/of the kind/)).toBeNull();
    await user.click(pi());
    expect(await send()).toEqual([
      expect.objectContaining({ hardware: ['jetson'] }),
    ]);
  });

  it('says why the fleet could not be read, lets choose all the same, and tries again', async () => {
    const client = new StoryFleet(STORY);
    const read = client.getFleetSites.bind(client);
    client.getFleetSites = async () => {
      throw new DeliveryProblem('You may not see the fleet.', {
        status: 403,
        code: 'forbidden',
      });
    };
    const { user } = renderForm(client);
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent(/You may not see the fleet\./);
    expect(alert).toHaveTextContent(/You can choose all the same/);
    expect(jetson()).not.toHaveAccessibleDescription(/device(s| yet)\b/);
    await user.click(jetson());
    expect(jetson()).not.toBeChecked();

    client.getFleetSites = read;
    await user.click(within(alert).getByRole('button', { name: 'Try again' }));
    await waitFor(() =>
      expect(jetson()).toHaveAccessibleDescription(/^7 devices at 6 sites/),
    );
    expect(jetson()).not.toBeChecked();
  });

  it('tells of devices of no kind, and of a cluster that is counted as it was', async () => {
    const client = new StoryFleet(STORY);
    const read = client.getFleetSummary.bind(client);
    client.getFleetSummary = async () => {
      const { view, ...answer } = await read();
      const [first, ...others] = view.clusters;
      const freshness = { state: 'stale' as const, seenAt: view.readAt };
      const clusters = [{ ...first, devices: 17, freshness }, ...others];
      return { ...answer, view: { ...view, clusters } };
    };
    renderForm(client);
    expect(
      await screen.findByText(/^3 devices more are of none of these kinds/),
    ).toBeVisible();
    expect(
      screen.getByText(
        'Not heard from now, and counted as last known: Edge production.',
      ),
    ).toBeVisible();
  });

  it('has nothing that axe finds serious', async () => {
    const client = new StoryFleet(STORY);
    client.devices = client.devices.filter(({ name }) => name.includes('-pi-'));
    const { container } = renderForm(client);
    await screen.findByText(/of the kind Jetson Orin NX yet/);
    const { violations } = await axe.run(container, {
      rules: {
        'color-contrast': { enabled: false },
        region: { enabled: false },
      },
    });
    expect(violations.map(({ id }) => id)).toEqual([]);
  });
});
