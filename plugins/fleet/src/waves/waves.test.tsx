// SPDX-License-Identifier: Apache-2.0
import { screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { renderFleet, STORY } from '../../dev/renderFleet';
import { StoryFleet } from '../../dev/StoryFleet';
import { StoryWaves } from '../../dev/StoryWaves';
import { WavePage } from './WavePage';
import { WavesPage } from './WavesPage';

const wavePage = <WavePage promotion="promotion-1" />;

function show(waves = new StoryWaves(STORY), page = wavePage) {
  return {
    waves,
    ...renderFleet(page, { client: new StoryFleet(STORY), waves }),
  };
}

const button = (name: string) => screen.findByRole('button', { name });
const dialog = () => screen.findByRole('dialog');

describe('the page of a wave', () => {
  it('lists those beside the plan with their reasons, and groups the digits of large counts', async () => {
    show();
    const beside = await screen.findByRole('complementary', {
      name: 'Devices beside the plan',
    });
    const reasons = within(beside).getAllByRole('listitem');
    expect(reasons.map(({ textContent }) => textContent)).toEqual([
      'milan-jetson-01It was taken back: too hot.',
      'gdansk-pi-01It has been away for 5 min.',
    ]);
    const counts = screen.getByRole('region', {
      name: 'Devices by where they are',
    });
    expect(within(counts).getByText('1,204')).toBeVisible();
  });

  it('says of a node group that it is one, and names its devices, which lead to their pages', async () => {
    const waves = new StoryWaves(STORY);
    const [, failed] = waves.view.devices;
    waves.view = {
      ...waves.view,
      devices: [
        {
          ...failed,
          id: 'edge-production/milan',
          name: 'milan',
          members: ['milan-jetson-01', 'milan-pi-01'],
        },
      ],
    };
    show(waves);
    const beside = await screen.findByRole('complementary');
    expect(within(beside).getByRole('listitem')).toHaveTextContent(
      'milanIt was taken back: too hot.Node group of 2 devices: milan-jetson-01, milan-pi-01',
    );
    expect(
      within(beside)
        .getAllByRole('link')
        .map(link => link.getAttribute('href')),
    ).toEqual([
      '/fleet/devices/edge-production/milan-jetson-01',
      '/fleet/devices/edge-production/milan-pi-01',
    ]);
    expect(screen.getByText('Node groups, each as a whole')).toBeVisible();
  });

  it('asks why before it stops, and says it to the wave', async () => {
    const { user, waves } = show();
    await user.click(await button('Stop…'));
    const stop = within(await dialog()).getByRole('button', { name: 'Stop' });
    expect(stop).toHaveAccessibleDescription('Say why first.');
    await user.click(stop);
    expect(waves.said).toEqual([]);
    await user.type(screen.getByRole('textbox'), 'Belts stop');
    await user.click(stop);
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(waves.said).toEqual([{ action: 'stop', reason: 'Belts stop' }]);
  });

  it('offers what makes sense now, and says what somebody lacks the right for', async () => {
    const waves = new StoryWaves(STORY);
    const whyNot = 'You may not take Edge production back.';
    waves.view = {
      ...waves.view,
      actions: waves.view.actions.map(each =>
        each.action === 'stop' || each.action === 'takeBack'
          ? { ...each, allowed: false, code: 'notPermitted', whyNot }
          : each,
      ),
    };
    const { user } = show(waves);
    const stop = await button('Stop…');
    expect(stop).toHaveAccessibleDescription(whyNot);
    await user.click(stop);
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(screen.queryByRole('button', { name: 'Let it go on…' })).toBeNull();
    await user.click(await button('Pause…'));
    expect(await dialog()).toBeVisible();
  });

  it('lets only those answer who may', async () => {
    const waves = new StoryWaves(STORY);
    const whyNot = 'You may not approve for Edge production.';
    waves.view = {
      ...waves.view,
      questions: [
        { name: 'canaries', sentence: 'Go on?', askedAt: waves.view.readAt },
      ],
      actions: [
        { action: 'answer', allowed: false, code: 'notPermitted', whyNot },
      ],
    };
    show(waves);
    expect(await button('Yes: Go on?')).toHaveAccessibleDescription(whyNot);
  });

  it('announces what becomes of the wave, not every second that passes', async () => {
    const waves = new StoryWaves(STORY);
    const { signal } = show(waves);
    const announced = await screen.findByText('Under way, 1 failed');
    expect(announced).toHaveAttribute('role', 'status');
    const { summary } = waves.view;
    waves.view = {
      ...waves.view,
      summary: { ...summary, sentence: 'The next proof needs 4 s more.' },
    };
    await signal();
    const sentence = await screen.findByText(/4 s more/);
    expect(sentence.closest('[aria-live], [role="status"]')).toBeNull();
    expect(announced).toHaveTextContent('Under way, 1 failed');
  });

  it('tells in words what was decided, and by whom', async () => {
    show();
    const log = await screen.findByText('What was decided, newest first');
    const lines = within(log.closest('details')!).getAllByRole('listitem', {
      hidden: true,
    });
    expect(lines.map(({ textContent }) => textContent)).toEqual([
      expect.stringMatching(/ines.*Pause\. A parcel jam$/),
      expect.stringMatching(/milan-jetson-01: Is back\. It no longer/),
      expect.stringMatching(/somethingNew Of a newer backend\.$/),
    ]);
  });

  it('has nothing that axe finds serious', async () => {
    const { container } = show();
    await button('Pause…');
    const { violations } = await axe.run(container, {
      rules: {
        'color-contrast': { enabled: false },
        region: { enabled: false },
      },
    });
    expect(violations.map(({ id }) => id)).toEqual([]);
  });
});

it('lists the waves that still do something, and says when there is none', async () => {
  const waves = new StoryWaves(STORY);
  const { unmount } = show(waves, <WavesPage />);
  const link = await screen.findByRole('link', {
    name: 'Wave: belt-control 5.6.0',
  });
  expect(link).toHaveAttribute('href', '/fleet/waves/promotion-1');
  unmount();
  waves.getWaves = async () => [];
  show(waves, <WavesPage />);
  expect(await screen.findByText('No wave is under way.')).toBeVisible();
});
