// SPDX-License-Identifier: Apache-2.0
import { fetchApiRef, toastApiRef } from '@backstage/frontend-plugin-api';
import { renderInTestApp, renderTestApp } from '@backstage/frontend-test-utils';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { StoryWorld } from '../dev/StoryWorld';
import { SimulationProblem } from './api/SimulationProblem';
import simulationPlugin, { simulationApiRef } from './index';
import { SimulationPage } from './SimulationPage';

function show(world: StoryWorld) {
  const said: string[] = [];
  const view = renderInTestApp(<SimulationPage />, {
    apis: [
      [simulationApiRef, world],
      [
        toastApiRef,
        {
          post: ({ title }) => {
            said.push(String(title));
            return { close: () => undefined };
          },
        },
      ],
    ],
  });
  return { ...view, said, user: userEvent.setup() };
}

const region = (name: string) => screen.findByRole('region', { name });

describe('the Simulation page', () => {
  it('shows the world, and that nothing is wrong in it', async () => {
    const { container } = show(new StoryWorld(Date.now));
    const world = await region('The world');
    for (const words of ['Seed7', 'Sites17', 'Devices100,003'])
      expect(world).toHaveTextContent(words);
    expect(world).toHaveTextContent('All API servers answer.');
    expect(await region('Running scenarios')).toHaveTextContent(
      'Nothing is wrong in the world.',
    );
    await region('Scenarios');
    const { violations } = await axe.run(container, {
      rules: { 'color-contrast': { enabled: false } },
    });
    expect(violations.map(({ id }) => id)).toEqual([]);
  });

  it('starts a scenario with what was chosen, shows it, and stops it', async () => {
    const world = new StoryWorld(Date.now);
    const { user, said } = show(world);
    await user.click(
      await screen.findByRole('button', { name: 'Start Cluster outage' }),
    );
    const dialog = await screen.findByRole('dialog', {
      name: 'Cluster outage',
    });
    // Nothing is sent before a cluster is chosen.
    await user.click(within(dialog).getByRole('button', { name: 'Start' }));
    expect(
      (await within(dialog).findAllByText('Cluster is missing.')).length,
    ).toBeGreaterThan(0);
    expect(world.requests).toEqual([]);

    await user.click(within(dialog).getByRole('button', { name: /Cluster/ }));
    await user.click(
      await screen.findByRole('option', { name: 'edge-production' }),
    );
    await user.click(within(dialog).getByRole('button', { name: 'Start' }));
    await waitFor(() =>
      expect(world.requests).toEqual([
        {
          scenario: 'cluster-outage',
          parameters: { cluster: 'edge-production' },
          seconds: 300,
        },
      ]),
    );
    const runs = await region('Running scenarios');
    await waitFor(() =>
      expect(runs).toHaveTextContent(
        /Cluster outage · edge-productionstops by itself in [45] min/,
      ),
    );
    expect(await region('The world')).toHaveTextContent(
      'edge-production is gone',
    );

    await user.click(
      within(runs).getByRole('button', { name: /^Stop Cluster outage/ }),
    );
    await waitFor(() => expect(runs).toHaveTextContent('Ended'));
    expect(runs).toHaveTextContent('Nothing is wrong in the world.');
    expect(said).toEqual([
      'Cluster outage has started',
      'Cluster outage has stopped, everything is restored',
    ]);
  });

  it('keeps the form with the reason when the simulator refuses', async () => {
    const world = new StoryWorld(Date.now);
    const { user } = show(world);
    await user.click(
      await screen.findByRole('button', { name: 'Start Devices offline' }),
    );
    const dialog = await screen.findByRole('dialog');
    await user.type(
      within(dialog).getByRole('textbox', { name: 'Device' }),
      'ghost-01',
    );
    await user.click(within(dialog).getByRole('button', { name: 'Start' }));
    expect(await within(dialog).findByRole('alert')).toHaveTextContent(
      'There is no device named ghost-01.',
    );
    expect(world.requests).toEqual([]);
  });

  it('stops everything at once', async () => {
    const world = new StoryWorld(Date.now);
    await world.start({
      scenario: 'offline',
      parameters: { site: 'oslo', percentage: 40 },
    });
    await world.start({
      scenario: 'cluster-outage',
      parameters: { cluster: 'cloud-staging' },
    });
    const { user } = show(world);
    const runs = await region('Running scenarios');
    expect(runs).toHaveTextContent('runs until it is stopped');
    await waitFor(() =>
      expect(runs).toHaveTextContent(
        'Devices offline · oslo, how many of them 40 %',
      ),
    );
    await user.click(within(runs).getByRole('button', { name: 'Stop all' }));
    await waitFor(() =>
      expect(runs).toHaveTextContent('Nothing is wrong in the world.'),
    );
  });

  it('finds scenarios by their words', async () => {
    const { user } = show(new StoryWorld(Date.now));
    const catalogue = await region('Scenarios');
    const find = within(catalogue).getByRole('searchbox', {
      name: 'Find a scenario',
    });
    await user.type(find, 'port');
    expect(catalogue).toHaveTextContent('Cluster outage');
    expect(catalogue).not.toHaveTextContent('Devices offline');
    await user.type(find, 'folio');
    expect(catalogue).toHaveTextContent('No scenario is about “portfolio”.');
  });

  it('tells those who may not act why, and offers no stop', async () => {
    const reason = 'You may look, but not start or stop scenarios.';
    const world = new StoryWorld(Date.now, { allowed: false, reason });
    await world.start({ scenario: 'offline' });
    const { user } = show(world);
    const start = await screen.findByRole('button', {
      name: 'Start Devices offline',
    });
    expect(start).toHaveAttribute('aria-disabled', 'true');
    expect(start).toHaveAccessibleDescription(reason);
    await user.click(start);
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(screen.queryByRole('button', { name: /^Stop/ })).toBeNull();
  });

  it('says that there is no simulation', async () => {
    const world = new StoryWorld(Date.now);
    world.trouble = new SimulationProblem('Everything it shows is real.', 501);
    show(world);
    expect(
      await screen.findByText('There is no simulated world'),
    ).toBeVisible();
    expect(screen.getByText('Everything it shows is real.')).toBeVisible();
    expect(screen.queryByRole('region', { name: 'The world' })).toBeNull();
  });

  it('says what is wrong when the world cannot be read, and reads it again on demand', async () => {
    const world = new StoryWorld(Date.now);
    world.trouble = new SimulationProblem(
      'The simulator gives no answer.',
      503,
    );
    const { user } = show(world);
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'The simulator gives no answer.',
    );
    world.trouble = undefined;
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    await region('The world');
    expect(screen.queryByRole('alert')).toBeNull();
  });
});

test('the plugin shows its page at /simulation, read through the fetch of the portal', async () => {
  const asked: string[] = [];
  const message = 'This portal has no simulated world.';
  renderTestApp({
    features: [simulationPlugin],
    initialRouteEntries: ['/simulation'],
    apis: [
      [
        fetchApiRef,
        {
          fetch: async (input: RequestInfo | URL) => {
            asked.push(input instanceof Request ? input.url : String(input));
            return new Response(
              JSON.stringify({
                error: { name: 'NotImplementedError', message },
                response: { statusCode: 501 },
              }),
              {
                status: 501,
                headers: { 'Content-Type': 'application/json' },
              },
            );
          },
        },
      ],
    ],
  });
  expect(await screen.findByText(message)).toBeVisible();
  expect(asked).toContain('plugin://simulation/world');
});
