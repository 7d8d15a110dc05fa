// SPDX-License-Identifier: Apache-2.0
import {
  DeliveryProblem,
  type FleetFilter,
} from '@causeway/plugin-delivery-common';
import { act, screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { STORY } from '../../dev/renderFleet';
import { renderForm } from '../../dev/renderForm';
import { StoryFleet } from '../../dev/StoryFleet';

const field = () => screen.getByRole('combobox', { name: 'Sites' });
const option = (name: RegExp) => screen.findByRole('option', { name });
const chosen = () => {
  const tags = screen.queryByRole('grid', { name: 'Chosen sites' });
  return tags
    ? within(tags)
        .getAllByRole('row')
        .map(row => row.textContent)
    : [];
};

describe('the field for sites', () => {
  it('offers the sites of the fleet with their devices, and those of the kinds that the form asks for', async () => {
    const { user } = renderForm();
    expect(screen.getByText('All sites')).toBeVisible();
    await user.click(field());
    expect(await option(/^Antwerp/)).toHaveTextContent(
      /^Antwerp2 devices · all of the chosen kinds$/,
    );
    expect(await option(/^Mobile depot/)).toHaveTextContent(
      /^Mobile depotdepot · 1 device · all of the chosen kinds · no node has the label$/,
    );
    expect(screen.getAllByRole('option')).toHaveLength(7);
    await user.keyboard('{Escape}');
    await user.click(screen.getByRole('checkbox', { name: 'Jetson Orin NX' }));
    await user.click(field());
    await waitFor(async () =>
      expect(await option(/^Antwerp/)).toHaveTextContent(
        '1 of the chosen kinds',
      ),
    );
  });

  it('is worked by the keyboard alone, and sends what was chosen', async () => {
    const { user, send } = renderForm();
    act(() => field().focus());
    await option(/^Oslo/);
    await user.keyboard('osl{Enter}');
    expect(chosen()).toEqual(['Oslo']);
    expect(field()).toHaveValue('');
    // Once too often, and the page is there still.
    await user.keyboard('{Enter}');
    await user.keyboard('{ArrowDown}');
    expect(screen.queryByRole('option', { name: /^Oslo/ })).toBeNull();
    await user.keyboard('{Enter}');
    expect(chosen()).toEqual(['Oslo', 'Antwerp']);
    await user.keyboard('milan{ArrowDown}{Enter}');
    expect(chosen()).toEqual(['Oslo', 'Antwerp', 'Milan']);
    await user.keyboard('bergen');
    await user.tab();
    expect(field()).toHaveValue('');
    expect(chosen()).toEqual(['Oslo', 'Antwerp', 'Milan']);
    await user.tab({ shift: true });
    await user.keyboard('{Escape}');
    await user.tab();
    await user.keyboard('{ArrowRight}{Delete}');
    expect(chosen()).toEqual(['Oslo', 'Milan']);
    expect(await send()).toEqual([
      expect.objectContaining({ edgeSites: ['oslo', 'milan'] }),
    ]);
  });

  it('sends none for all sites', async () => {
    const { user, send } = renderForm(new StoryFleet(STORY), {
      edgeSites: ['oslo'],
    });
    await user.click(await screen.findByRole('button', { name: /^Remove/ }));
    expect(chosen()).toEqual([]);
    expect(screen.getByText('All sites')).toBeVisible();
    expect(await send()).toEqual([expect.objectContaining({ edgeSites: [] })]);
  });

  it('takes a site that the fleet does not have yet, with a warning, and no name that is none', async () => {
    const { user, send } = renderForm();
    await user.click(field());
    await option(/^Oslo/);
    await user.keyboard('kiruna"');
    expect(await option(/^“kiruna"” can not be the label/)).toHaveAttribute(
      'aria-disabled',
      'true',
    );
    expect(field()).toBeInvalid();
    await user.keyboard('{Enter}');
    expect(chosen()).toEqual([]);
    await user.clear(field());
    await user.type(field(), 'kiruna');
    await user.click(await option(/^Use “kiruna”/));
    expect(chosen()).toEqual(['kiruna']);
    const warning = await screen.findByText(
      /^The fleet has no site kiruna yet. You can go on/,
    );
    expect(screen.getAllByRole('status')).toContain(warning.parentElement);
    expect(await send()).toEqual([
      expect.objectContaining({ edgeSites: ['kiruna'] }),
    ]);
  });

  it('warns where the label is missing, since the inventory does not count', async () => {
    const client = new StoryFleet(STORY);
    const read = client.getFleetSites.bind(client);
    client.getFleetSites = async (filter: FleetFilter = {}) => {
      const { view, ...answer } = await read(filter);
      const isLabelled = filter.label?.includes('causeway.dev/site');
      const devices = view.columns.id.map((id, index) =>
        isLabelled && id.endsWith('/rotterdam')
          ? 2
          : view.columns.devices[index],
      );
      return {
        ...answer,
        view: { ...view, columns: { ...view.columns, devices } },
      };
    };
    renderForm(client, {
      hardware: ['jetson'],
      edgeSites: ['depot', 'rotterdam', 'oslo', 'milan'],
    });
    expect(
      await screen.findByText(
        /^No node at Mobile depot has the label causeway.dev\/site/,
      ),
    ).toBeVisible();
    expect(
      screen.getByText(/^1 device at Rotterdam lacks the label/),
    ).toBeVisible();
    expect(screen.queryByText(/at (Oslo|Milan)/)).toBeNull();
  });

  it('says that no site is known, once, and takes what is typed', async () => {
    const client = new StoryFleet(STORY);
    client.devices = [];
    const { user } = renderForm(client);
    expect(
      await screen.findByText(/^The portal knows of no site there yet/),
    ).toBeVisible();
    await user.click(field());
    expect(await option(/^Type the name of a site/)).toBeVisible();
    await user.type(field(), 'oslo');
    expect(await option(/^Use “oslo”/)).toHaveTextContent(/no such site yet/);
    await user.keyboard('{Enter}');
    expect(chosen()).toEqual(['oslo']);
    expect(screen.queryByText(/^The fleet has no site/)).toBeNull();
  });

  it('says why the fleet could not be read, takes what is typed, and tries again', async () => {
    const client = new StoryFleet(STORY);
    const read = client.getFleetSites.bind(client);
    // Kinds of device are counted with another label, and well.
    client.getFleetSites = async (filter: FleetFilter = {}) => {
      if (!filter.label?.includes('causeway.dev/site')) return read(filter);
      throw new DeliveryProblem('You may not see the fleet.', {
        status: 403,
        code: 'forbidden',
      });
    };
    const { user } = renderForm(client);
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent(/its sites are not listed/);
    expect(alert).toHaveTextContent(/You may not see the fleet\./);
    await user.type(field(), 'oslo');
    expect(await option(/^Use “oslo”/)).toHaveTextContent(/Not compared/);
    await user.keyboard('{Enter}');
    expect(chosen()).toEqual(['oslo']);

    client.getFleetSites = read;
    await user.click(within(alert).getByRole('button', { name: 'Try again' }));
    await waitFor(() => expect(chosen()).toEqual(['Oslo']));
    expect(screen.queryByText(/not listed/)).toBeNull();
  });

  it('says in words that too many are chosen', async () => {
    const { user } = renderForm(new StoryFleet(STORY), {
      edgeSites: Array.from({ length: 51 }, (_, index) => `site-${index}`),
    });
    await user.click(screen.getByRole('button', { name: 'Review' }));
    expect(
      await screen.findByText("'Sites' must be 50 sites at most"),
    ).toBeVisible();
    expect(field()).toHaveAccessibleDescription(/must be 50 sites at most/);
  });

  it('counts a site of several clusters once, and leaves out what no label can say', async () => {
    const client = new StoryFleet(STORY);
    const read = client.getFleetSites.bind(client);
    client.getFleetSites = async (filter: FleetFilter = {}) => {
      const { view, ...answer } = await read(filter);
      const { id, ...columns } = view.columns;
      const ids = id.map(each =>
        each
          .replace('edge-production/antwerp', 'edge-other/oslo')
          .replace('milan', 'm'.repeat(64)),
      );
      return { ...answer, view: { ...view, columns: { ...columns, id: ids } } };
    };
    const { user } = renderForm(client);
    await user.click(field());
    expect(await screen.findByText(/^oslo · 4 devices/)).toBeVisible();
    expect(screen.getAllByRole('option')).toHaveLength(5);
  });

  it('has nothing that axe finds serious', async () => {
    const { container, user } = renderForm(new StoryFleet(STORY), {
      edgeSites: ['depot', 'oslo', 'kiruna'],
    });
    await screen.findByText(/^The fleet has no site kiruna yet/);
    const rules = {
      'color-contrast': { enabled: false },
      region: { enabled: false },
    };
    const found = async (root: Element) =>
      (await axe.run(root, { rules })).violations.map(({ id }) => id);
    expect(await found(container)).toEqual([]);
    await user.click(field());
    await option(/^Antwerp/);
    expect(await found(screen.getByRole('listbox'))).toEqual([]);
  });
});
