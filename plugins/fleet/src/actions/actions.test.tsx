// SPDX-License-Identifier: Apache-2.0
import { screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { renderFleet, STORY } from '../../dev/renderFleet';
import { StoryActions } from '../../dev/StoryActions';
import { StoryFleet } from '../../dev/StoryFleet';
import { DevicePage } from '../device/DevicePage';
import { FleetPage } from '../overview/FleetPage';
import { ActionPage } from './ActionPage';
import { ActionsPage } from './ActionsPage';

/** Whole pages, on machines that may be busy. */
jest.setTimeout(60_000);

const client = () => new StoryFleet(STORY);

function showDevice(name: string, actions = new StoryActions(STORY)) {
  const page = renderFleet(
    <DevicePage cluster="edge-production" name={name} />,
    { client: client(), actions },
  );
  return { ...page, actions };
}

async function violations(container: Element) {
  const found = await axe.run(container, {
    rules: { 'color-contrast': { enabled: false }, region: { enabled: false } },
  });
  return found.violations.map(({ id }) => id);
}

describe('actions on a device', () => {
  it('says of a button that can not be used why', async () => {
    showDevice('gdansk-jetson-01');
    const card = await screen.findByRole('region', { name: 'Actions' });
    const drain = await within(card).findByRole('button', { name: 'Drain…' });
    expect(drain).toHaveAttribute('aria-disabled', 'true');
    expect(drain).toHaveAccessibleDescription(
      'Evictions never finish while the device is away.',
    );
    expect(
      within(card).getByRole('button', { name: 'Quarantine…' }),
    ).toBeEnabled();
  });

  it('asks for a reason, then for the action, and shows where it is', async () => {
    const { user, actions, baseElement } = showDevice('milan-jetson-01');
    await user.click(await screen.findByRole('button', { name: 'Drain…' }));
    const dialog = await screen.findByRole('dialog', {
      name: 'Drain: milan-jetson-01',
    });
    expect(dialog).toHaveTextContent('moved elsewhere');
    const confirm = await within(dialog).findByRole('button', {
      name: 'Drain',
    });
    await within(dialog).findByText('at once');
    expect(confirm).toHaveAttribute('aria-disabled', 'true');
    expect(confirm).toHaveAccessibleDescription('Say why first.');
    expect(await violations(baseElement)).toEqual([]);
    await user.type(within(dialog).getByLabelText(/^Reason/), 'It is hot.');
    await user.click(confirm);
    expect(await screen.findByText(/It is hot\./)).toBeVisible();
    expect(actions.heard).toContain(
      'ask drain edge-production/milan-jetson-01: It is hot.',
    );
  });

  it('says while a version is typed what it must be, and plans only for one', async () => {
    const { user, actions, baseElement } = showDevice('milan-jetson-01');
    await user.click(
      await screen.findByRole('button', { name: 'Upgrade K3s…' }),
    );
    const dialog = await screen.findByRole('dialog');
    const version = within(dialog).getByRole('textbox', { name: /^Version/ });
    expect(version).toHaveAccessibleDescription('Now: v1.34.2+k3s1');
    await user.type(version, 'v1.34.3;reboot');
    expect(version).toBeInvalid();
    expect(version).toHaveAccessibleDescription(
      'Version must be a release such as v1.34.2+k3s1.',
    );
    expect(
      within(dialog).getByRole('button', { name: 'Upgrade K3s' }),
    ).toHaveAttribute('aria-disabled', 'true');
    expect(actions.heard).toEqual([]);
    expect(await violations(baseElement)).toEqual([]);
    await user.clear(version);
    await user.type(version, 'v1.34.3+k3s1');
    expect(version).toBeValid();
    await within(dialog).findByText('at once');
    await user.type(within(dialog).getByLabelText(/^Reason/), 'A fix.');
    await user.click(
      within(dialog).getByRole('button', { name: 'Upgrade K3s' }),
    );
    expect(await screen.findByText(/A fix\./)).toBeVisible();
  });

  it('offers what runs there, and chooses the only one', async () => {
    const { user, actions } = showDevice('milan-jetson-01');
    await user.click(
      await screen.findByRole('button', { name: 'Restart app…' }),
    );
    const dialog = await screen.findByRole('dialog');
    const workload = within(dialog).getByRole('combobox', {
      name: /^Workload/,
    });
    expect(workload).toHaveValue('parcel-vision/parcel-vision');
    await user.type(within(dialog).getByLabelText(/^Reason/), 'It hangs.');
    await within(dialog).findByText('at once');
    await user.keyboard('{Tab}{Tab}{Tab}{Enter}');
    await waitFor(() => expect(dialog).not.toBeInTheDocument());
    expect(actions.heard).toContain(
      'ask restart edge-production/milan-jetson-01: It hangs.',
    );
    await waitFor(() =>
      expect(
        screen.getByRole('button', { name: 'Restart app…' }),
      ).toHaveFocus(),
    );
  });

  it('keeps the focus on the button while nothing else can be done, and says why once', async () => {
    const { user, actions, signal } = showDevice('milan-jetson-01');
    const name = { name: 'Cordon…' };
    await user.click(await screen.findByRole('button', name));
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.getByRole('button', name)).toHaveFocus());
    actions.nothing = 'Drain is under way on the device.';
    await signal();
    await screen.findByText(actions.nothing);
    expect(screen.getByRole('button', name)).toHaveFocus();
    expect(screen.getByRole('button', name)).toHaveAccessibleDescription(
      actions.nothing,
    );
  });

  it('lets one choose among the upgrades that suit the device, and plans for the one', async () => {
    const { user, actions, baseElement } = showDevice('milan-jetson-01');
    await user.click(
      await screen.findByRole('button', { name: 'Upgrade OS…' }),
    );
    const dialog = await screen.findByRole('dialog');
    const upgrade = within(dialog).getByRole('combobox', { name: /^Upgrade/ });
    expect(upgrade).toHaveAccessibleDescription(
      'Now: Debian GNU/Linux 12 (bookworm), kernel 6.6.62',
    );
    const offered = within(upgrade).getAllByRole('option');
    expect(offered.map(option => option.textContent)).toEqual([
      'Choose one',
      'Debian 13.1',
      'Debian 13.2',
    ]);
    const confirm = within(dialog).getByRole('button', { name: 'Upgrade OS' });
    expect(confirm).toHaveAccessibleDescription('Upgrade is missing.');
    expect(actions.heard).toEqual([]);
    await user.selectOptions(upgrade, 'Debian 13.2');
    await within(dialog).findByText('at once');
    expect(await violations(baseElement)).toEqual([]);
    await user.type(within(dialog).getByLabelText(/^Reason/), 'A fix.');
    await user.click(confirm);
    expect(await screen.findByText(/A fix\./)).toBeVisible();
    expect(actions.actions[0]).toMatchObject({
      kind: 'upgradeOs',
      parameters: { upgrade: 'debian@13.2' },
    });
  });

  it('cancels what waits, with a reason', async () => {
    const actions = new StoryActions(STORY);
    actions.add('edge-production/milan-jetson-01', {
      waiting: { code: 'deviceAway', message: 'It waits for its return.' },
    });
    const { user } = showDevice('milan-jetson-01', actions);
    expect(await screen.findByText(/It waits for its return/)).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Cancel it…' }));
    const dialog = await screen.findByRole('dialog');
    await user.type(within(dialog).getByLabelText(/^Reason/), 'Not now.');
    await user.click(within(dialog).getByRole('button', { name: 'Cancel it' }));
    expect(await screen.findByText('Cancelled')).toBeVisible();
    expect(actions.heard).toEqual(['cancel 1: Not now.']);
  });
});

describe('actions on many devices', () => {
  it('shows first what would become of each, and who has to agree', async () => {
    const actions = new StoryActions(STORY);
    const { user } = renderFleet(<FleetPage />, { client: client(), actions });
    for (const name of ['milan-jetson-01', 'gdansk-jetson-01']) {
      await user.click(
        await screen.findByRole('checkbox', { name: `Select ${name}` }),
      );
    }
    const bar = await screen.findByRole('region', {
      name: 'Actions on the selected devices',
    });
    expect(bar).toHaveTextContent('2 devices selected');
    await user.click(
      await within(bar).findByRole('button', { name: 'Drain…' }),
    );
    const dialog = await screen.findByRole('dialog');
    expect(
      await within(dialog).findByText(/not done: Evictions never finish/),
    ).toBeVisible();
    expect(dialog).toHaveTextContent('A second person must agree.');
    expect(
      within(dialog).getByRole('button', { name: 'Ask for approval' }),
    ).toHaveAttribute('aria-disabled', 'true');
    expect(actions.heard).toEqual(['plan drain 2']);
    await user.type(within(dialog).getByLabelText(/^Reason/), 'New disks.');
    await user.click(
      within(dialog).getByRole('button', { name: 'Ask for approval' }),
    );
    // The selection is gone with its buttons; the focus is where it was made.
    await waitFor(() =>
      expect(screen.getByRole('region', { name: 'Devices' })).toHaveFocus(),
    );
  });
});

describe('the queue of actions', () => {
  it('says that nothing waits, and how something begins', async () => {
    const { user } = renderFleet(<ActionsPage />, { client: client() });
    expect(
      await screen.findByRole('heading', {
        name: 'Nothing is under way or waits.',
      }),
    ).toBeVisible();
    await user.selectOptions(screen.getByLabelText('Show'), 'All actions');
    expect(
      await screen.findByText('Nothing was asked of any device yet.'),
    ).toBeVisible();
  });

  it('lets a second person decide', async () => {
    const actions = new StoryActions(STORY);
    actions.add('edge-production/oslo-pi-01', {
      phase: 'awaitingApproval',
      title: 'Drain',
      approval: { why: 'A second person must agree.' },
    });
    const { user, container } = renderFleet(<ActionsPage />, {
      client: client(),
      actions,
    });
    expect(await screen.findByText('Waits for approval')).toBeVisible();
    expect(await violations(container)).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Approve…' }));
    const dialog = await screen.findByRole('dialog');
    await user.click(within(dialog).getByRole('button', { name: 'Approve' }));
    expect(await screen.findByText('Queued')).toBeVisible();
    expect(actions.heard).toEqual(['approve 1: -']);
  });

  it('shows the receipt with what was seen, and output as plain text', async () => {
    const actions = new StoryActions(STORY);
    actions.add('edge-production/milan-jetson-01', {
      phase: 'succeeded',
      parameters: { lines: 100 },
      receipt: {
        message: 'Read the last lines.',
        evidence: [
          {
            object: 'Node milan-jetson-01',
            resourceVersion: '4711',
            seen: 'It is <i>ready</i>.',
            at: new Date(STORY).toISOString(),
          },
        ],
      },
    });
    const { container } = renderFleet(<ActionPage id="1" />, {
      client: client(),
      actions,
    });
    const receipt = await screen.findByRole('region', { name: 'Receipt' });
    expect(receipt).toHaveTextContent(
      'It is <i>ready</i>. resource version 4711',
    );
    expect(screen.getByRole('link', { name: 'Action queue' })).toBeVisible();
    expect(await screen.findByText('Lines of each container')).toBeVisible();
    const [asked, done] = within(
      screen.getByRole('region', { name: 'What happened' }),
    ).getAllByRole('listitem');
    expect(asked).toHaveTextContent(/^Asked for: It hangs\..* by ines$/);
    expect(done).toHaveTextContent(/^Done.* by the portal$/);
    expect(screen.getByText('ready <b>now</b>')).toBeVisible();
    expect(await violations(container)).toEqual([]);
  });
});
