// SPDX-License-Identifier: Apache-2.0
import { screen, within } from '@testing-library/react';
import axe from 'axe-core';
import { renderFleet, STORY } from '../../dev/renderFleet';
import { StoryDrills } from '../../dev/StoryDrills';
import { StoryFleet } from '../../dev/StoryFleet';
import { DrillPage } from './DrillPage';
import { DrillsPage } from './DrillsPage';

/** Whole pages, on machines that may be busy. */
jest.setTimeout(60_000);

function show(page: JSX.Element, drills = new StoryDrills(STORY)) {
  const view = renderFleet(page, { client: new StoryFleet(STORY), drills });
  return { ...view, drills };
}

async function violations(container: Element) {
  const found = await axe.run(container, {
    rules: { 'color-contrast': { enabled: false }, region: { enabled: false } },
  });
  return found.violations.map(({ id }) => id);
}

describe('the list of drills', () => {
  it('says what a drill is while there is none', async () => {
    show(<DrillsPage />);
    expect(await screen.findByText('No drill was run yet.')).toBeVisible();
    expect(
      await screen.findByRole('button', { name: 'Start a drill…' }),
    ).toBeEnabled();
  });

  it('shows where each is, and who has vouched for it', async () => {
    const drills = new StoryDrills(STORY);
    drills.add();
    drills.add({ phase: 'over', verdict: 'passed' });
    drills.add({ phase: 'over', verdict: 'failed' });
    const { container } = show(<DrillsPage />, drills);
    const list = await screen.findByRole('region', { name: 'Drills' });
    expect(
      await within(list).findAllByText(/parcel-vision 2\.8\.1, Edge staging/),
    ).toHaveLength(3);
    const texts = within(list)
      .getAllByRole('listitem')
      .map(({ textContent }) => textContent);
    expect(texts[0]).toContain('Failed');
    expect(texts[1]).toContain('PassedWaits for sign-off');
    expect(texts[2]).toContain('Fault holds');
    expect(await violations(container)).toEqual([]);
  });

  it.each<[string, (drills: StoryDrills) => void]>([
    [
      'No stage allows drills.',
      drills => {
        drills.hasStages = false;
      },
    ],
    [
      'This portal can not bring about faults.',
      drills => {
        drills.refusal = {
          code: 'noExecutor',
          message: 'This portal can not bring about faults.',
        };
      },
    ],
  ])('offers no drill where none can be run: %s', async (why, change) => {
    const drills = new StoryDrills(STORY);
    change(drills);
    show(<DrillsPage />, drills);
    const text = await screen.findByText(content => content.startsWith(why));
    expect(text).toBeVisible();
    expect(
      screen.getByRole('button', { name: 'Start a drill…' }),
    ).toHaveAttribute('aria-disabled', 'true');
  });
});

it('starts a drill on chosen devices, after saying what will happen and why others may not', async () => {
  const { user, drills, baseElement } = show(<DrillsPage />);
  await user.click(
    await screen.findByRole('button', { name: 'Start a drill…' }),
  );
  const dialog = await screen.findByRole('dialog');
  await user.selectOptions(
    within(dialog).getByRole('combobox', { name: 'Drill' }),
    'Network off, 5 min',
  );
  expect(dialog).toHaveTextContent('The devices lose their network.');
  expect(dialog).toHaveTextContent(
    'The portal shows the device as away, within 2 min during the fault',
  );
  expect(dialog).toHaveTextContent('No more than 1 of 3 at Laboratory now.');
  const box = (name: RegExp) => within(dialog).findByRole('checkbox', { name });
  expect(await box(/lab-pi-02/)).toBeDisabled();
  expect(dialog).toHaveTextContent('It is away already.');
  const confirm = within(dialog).getByRole('button', {
    name: 'Start the drill',
  });
  expect(confirm).toHaveAccessibleDescription('Choose at least one device.');
  await user.click(await box(/lab-jetson-01/));
  await user.click(await box(/lab-pi-01/));
  expect(confirm).toHaveAccessibleDescription(
    'Too many devices of Laboratory are chosen.',
  );
  await user.click(await box(/lab-pi-01/));
  expect(confirm).toHaveAccessibleDescription('Say why first.');
  expect(await violations(baseElement)).toEqual([]);
  await user.type(within(dialog).getByLabelText(/^Reason/), 'Before the edge.');
  await user.click(confirm);
  expect(drills.heard).toEqual([
    'start offline-5m edge-staging/lab-jetson-01: Before the edge.',
  ]);
});

describe('one drill', () => {
  it('shows its steps and what was expected beside what was observed, and aborts', async () => {
    const drills = new StoryDrills(STORY);
    drills.add();
    const { user, container } = show(<DrillPage id="1" />, drills);
    const steps = await screen.findByRole('region', { name: 'Steps' });
    expect(await screen.findByText('Edge staging')).toBeVisible();
    expect(
      within(steps).getByText('Watch while it holds').closest('li'),
    ).toHaveAttribute('data-now');
    const table = screen.getByRole('table');
    expect(table).toHaveTextContent('stale after 42 s');
    expect(within(table).getAllByText('Not decided yet')).toHaveLength(5);
    expect(await violations(container)).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Abort…' }));
    const dialog = await screen.findByRole('dialog');
    await user.type(within(dialog).getByLabelText(/^Reason/), 'Enough.');
    await user.click(
      within(dialog).getByRole('button', { name: 'Abort the drill' }),
    );
    expect(await screen.findByText(/It was aborted/)).toBeVisible();
    expect(drills.heard).toEqual(['abort 1: Enough.']);
  });

  it('is signed off by somebody else, and then nothing is left to do', async () => {
    const drills = new StoryDrills(STORY);
    drills.add({ phase: 'over', verdict: 'passed' });
    const { user } = show(<DrillPage id="1" />, drills);
    await user.click(await screen.findByRole('button', { name: 'Sign off…' }));
    const dialog = await screen.findByRole('dialog');
    expect(dialog).toHaveTextContent('count it for 2.8.1');
    await user.click(within(dialog).getByRole('button', { name: 'Sign off' }));
    expect(await screen.findByText('Signed off')).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Sign off…' })).toBeNull();
    expect(drills.heard).toEqual(['signedOff 1: -']);
  });

  it('says to whoever started it that somebody else has to look', async () => {
    const drills = new StoryDrills(STORY);
    const reason =
      'Somebody else has to look at a drill that you have started.';
    drills.add(
      { phase: 'over', verdict: 'passed' },
      {
        can: {
          abort: { allowed: false },
          sign: { allowed: false, reason },
        },
      },
    );
    show(<DrillPage id="1" />, drills);
    await screen.findByText('Edge staging');
    const button = await screen.findByRole('button', { name: 'Sign off…' });
    expect(button).toHaveAttribute('aria-disabled', 'true');
    expect(button).toHaveAccessibleDescription(reason);
  });
});
