// SPDX-License-Identifier: Apache-2.0
import { DeliveryProblem } from '@causeway/plugin-delivery-common';
import { screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { renderFleet, STORY } from '../../dev/renderFleet';
import { StoryFleet } from '../../dev/StoryFleet';
import { SitePage } from '../site/SitePage';
import { EdgeOfService } from '../service/EdgeTab';
import { DevicePage } from './DevicePage';

function showDevice(name: string) {
  return renderFleet(<DevicePage cluster="edge-production" name={name} />, {
    client: new StoryFleet(STORY),
  });
}

describe('the page of a device', () => {
  it('keeps the axes apart, each with its reason', async () => {
    showDevice('milan-jetson-01');
    const states = await screen.findByRole('region', { name: 'States' });
    const [connectivity, health, update, , hold] =
      within(states).getAllByRole('listitem');
    expect(connectivity).toHaveTextContent('ConnectivityLive');
    expect(health).toHaveTextContent(
      'HealthDegradedThe GPU is at 91 °C, limit 85.for 22 min',
    );
    expect(update).toHaveTextContent('UpdateOut of date');
    expect(hold).toHaveTextContent(
      'HoldHeld by the deviceIt is too hot to update.',
    );
  });

  it('gives each value its age and source, and says what nobody reports', async () => {
    showDevice('milan-jetson-01');
    const telemetry = await screen.findByRole('region', { name: 'Telemetry' });
    expect(telemetry).toHaveTextContent('Temperature91 °C7 s ago, by exporter');
    expect(telemetry).toHaveTextContent('Packet loss0.2 %20 s ago, by probe');
    expect(telemetry).toHaveTextContent('GPU loadnot reported');
    expect(telemetry).toHaveTextContent('Throttlednow7 s ago, by jtop');
    expect(telemetry).toHaveTextContent('Undervoltagenot reported');
  });

  it('says in words how desired, seen and reported differ', async () => {
    showDevice('milan-jetson-01');
    const twin = await screen.findByRole('region', {
      name: 'Device twin milan-jetson-01-camera',
    });
    const row = (name: string) =>
      within(twin).getByRole('row', { name: new RegExp(name) });
    expect(twin).toHaveTextContent('2 of 4 differ');
    expect(row('fanProfile')).toHaveTextContent('On its way to the device');
    expect(row('exposure')).toHaveTextContent('Seen, but not as desired');
    expect(row('beltSpeed')).toHaveTextContent('read only');
    expect(row('beltSpeed')).toHaveTextContent('Reported');
    expect(row('doorSensor')).toHaveTextContent('Never reported');
  });

  it('sets a property within its model, with a reason, and says why it was refused', async () => {
    const client = new StoryFleet(STORY);
    const { user } = renderFleet(
      <DevicePage cluster="edge-production" name="milan-jetson-01" />,
      { client },
    );
    await user.click(
      await screen.findByRole('button', { name: 'Set exposure' }),
    );
    expect(screen.queryByRole('button', { name: 'Set beltSpeed' })).toBeNull();
    const dialog = await screen.findByRole('dialog');
    expect(dialog).toHaveTextContent(
      'A whole number, at least 1, at most 40, in ms',
    );
    const value = within(dialog).getByRole('textbox', {
      name: /Desired value/,
    });
    const set = within(dialog).getByRole('button', { name: 'Set' });
    await user.clear(value);
    await user.type(value, '41');
    expect(dialog).toHaveTextContent('exposure takes at most 40, not 41.');
    expect(set).toHaveAttribute('aria-disabled', 'true');
    await user.clear(value);
    await user.type(value, '10');
    expect(dialog).toHaveTextContent('Say why first.');
    await user.type(
      within(dialog).getByRole('textbox', { name: /Reason/ }),
      'Too dark',
    );
    client.refusal = new DeliveryProblem('exposure was set to "9" meanwhile.', {
      status: 409,
      code: 'changedMeanwhile',
    });
    await user.click(set);
    expect(await within(dialog).findByRole('alert')).toHaveTextContent(
      'exposure was set to "9" meanwhile.',
    );
    client.refusal = undefined;
    await user.click(set);
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(client.edits.at(-1)).toEqual({
      changes: [{ property: 'exposure', value: '10', was: '8' }],
      reason: 'Too dark',
    });
  });

  it('keeps the last word on a device that is away in the past tense', async () => {
    showDevice('gdansk-jetson-01');
    const states = await screen.findByRole('region', { name: 'States' });
    expect(states).toHaveTextContent('ConnectivityAwayIts lease ran out.');
    expect(states).toHaveTextContent('HealthWas healthy');
    expect(states).not.toHaveTextContent('HealthHealthy');
  });

  it('tells what happened, newest first, and what runs against what is wanted', async () => {
    showDevice('milan-jetson-01');
    const line = await screen.findByRole('region', { name: 'Time line' });
    const entries = within(line).getAllByRole('listitem');
    expect(entries[0]).toHaveTextContent(
      'Health: Degraded was HealthyThe GPU is at 86 °C, limit 85.',
    );
    expect(entries).toHaveLength(3);
    expect(screen.getByText('2.7.3 wanted')).toBeVisible();
    expect(
      screen.getByRole('link', { name: 'topology.kubernetes.io/zone=milan' }),
    ).toHaveAttribute(
      'href',
      '/fleet?label=topology.kubernetes.io%2Fzone%3Dmilan',
    );
  });

  it('says when there is no such device', async () => {
    showDevice('lost');
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'No such device.',
    );
  });

  it('has nothing that axe finds serious', async () => {
    const { container } = showDevice('milan-jetson-01');
    await screen.findByRole('region', { name: 'Telemetry' });
    const { violations } = await axe.run(container, {
      rules: {
        'color-contrast': { enabled: false },
        region: { enabled: false },
      },
    });
    expect(violations.map(({ id }) => id)).toEqual([]);
  });
});

describe('the page of a site', () => {
  it('counts its devices by axis, tells its incident and lists the devices', async () => {
    renderFleet(<SitePage cluster="edge-production" site="gdansk" />, {
      client: new StoryFleet(STORY),
    });
    expect(
      await screen.findByRole('heading', { name: 'Gdansk' }),
    ).toBeVisible();
    expect(
      screen.getByText('All devices at Gdansk went away together.'),
    ).toBeVisible();
    expect(screen.getByText(/Jetson Orin NX 64 GB \(1\)/)).toBeVisible();
    const table = await screen.findByRole('region', {
      name: 'Devices of Gdansk',
    });
    expect(await within(table).findAllByRole('rowheader')).toHaveLength(2);
  });
});

describe('the Edge tab of a service', () => {
  it('says where it runs in which version, who is away and who is held', async () => {
    renderFleet(<EdgeOfService service="component:default/parcel-vision" />, {
      client: new StoryFleet(STORY),
    });
    expect(
      await screen.findByText('7 devices run it at 6 sites.'),
    ).toBeVisible();
    expect(screen.getByText(/1 is away/)).toBeVisible();
    const bySite = screen.getByRole('region', { name: 'By site' });
    expect(
      within(bySite).getByRole('row', { name: /Milan/ }),
    ).toHaveTextContent('2.7.2 (1)');
    expect(
      await screen.findByRole('region', { name: 'Map of sites' }),
    ).toBeVisible();
  });
});
