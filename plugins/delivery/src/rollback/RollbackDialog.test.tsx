// SPDX-License-Identifier: Apache-2.0
import { screen, within } from '@testing-library/react';
import { PARCEL_VISION } from '../../dev/pipelines';
import { StoryClient } from '../../dev/StoryClient';
import { Pipeline } from '../pipeline/Pipeline';
import { renderDelivery } from '../../dev/renderDelivery';

/** The story's backend that remembers rollbacks. */
class RollingBackClient extends StoryClient {
  asked: unknown[] = [];

  async requestRollback(request: {
    service: string;
    stages: readonly string[];
    release?: string;
    reason: string;
  }) {
    this.asked.push(request);
    return super.requestRollback(request);
  }
}

async function show(search = '') {
  const client = new RollingBackClient(Date.now());
  const view = renderDelivery(<Pipeline service={PARCEL_VISION} />, {
    client,
    path: `/?dialog=rollback${search}`,
  });
  await screen.findByRole('checkbox', { name: 'Cloud staging' });
  const dialog = within(
    screen.getByRole('dialog', { name: /Roll back parcel-vision/ }),
  );
  return { client, dialog, ...view };
}

describe('RollbackDialog', () => {
  it('takes cloud and edge back together to what ran before, with a reason, and shows the progress', async () => {
    const { client, dialog, user } = await show();
    const confirm = dialog.getByRole('button', { name: 'Roll back' });
    expect(confirm).toHaveAccessibleDescription(
      'Opens when at least one stage is chosen.',
    );
    await user.click(dialog.getByRole('checkbox', { name: 'Cloud and edge' }));
    expect(
      dialog.getByRole('checkbox', { name: 'Cloud production' }),
    ).toBeChecked();
    expect(
      dialog.getByRole('checkbox', { name: 'Edge production' }),
    ).toBeChecked();
    expect(
      dialog.getByRole('checkbox', { name: 'Cloud staging' }),
    ).not.toBeChecked();
    expect(dialog.getByText(/Gates are not asked/)).toBeVisible();
    expect(
      await dialog.findByText(
        'One commit per stage sets 2.7.2 at once, signed with your name.',
      ),
    ).toBeVisible();

    const both = dialog.getByRole('button', { name: 'Roll back 2 stages' });
    expect(both).toHaveAccessibleDescription('Opens when a reason is given.');
    await user.click(both);
    expect(client.asked).toEqual([]);
    await user.type(dialog.getByRole('textbox'), 'Double labels since 14:10');
    await user.keyboard('{Control>}{Enter}{/Control}');

    expect(
      await screen.findByText('You may close this; it goes on by itself.'),
    ).toBeVisible();
    expect(client.asked).toEqual([
      {
        service: PARCEL_VISION,
        stages: ['cloud-production', 'edge-production'],
        release: undefined,
        reason: 'Double labels since 14:10',
        mode: 'fast',
      },
    ]);
    expect(
      await screen.findByRole('article', {
        name: 'edge-production back to 2.7.3',
      }),
    ).toHaveTextContent('Flux applies it');
  });

  it('offers versions with their past, and says why another cannot be chosen', async () => {
    const { client, dialog, user } = await show('&stage=cloud-production');
    expect(
      dialog.getByRole('checkbox', { name: 'Cloud production' }),
    ).toBeChecked();
    expect(
      dialog.getByRole('radio', { name: 'What ran before' }),
    ).toBeChecked();
    expect(dialog.getByText('2.7.2 in Cloud production')).toBeVisible();
    expect(dialog.getByRole('radio', { name: /2.7.4/ })).toBeDisabled();
    expect(
      dialog.getByText(/cannot be chosen: its promotion failed, memory leak/),
    ).toBeVisible();

    await user.click(dialog.getByRole('radio', { name: /2.7.2/ }));
    await user.type(dialog.getByRole('textbox'), 'Known good');
    await user.click(
      dialog.getByRole('button', { name: 'Roll back to 2.7.2' }),
    );
    expect(client.asked).toEqual([
      {
        service: PARCEL_VISION,
        stages: ['cloud-production'],
        release: 'parcel-vision-2.7.2',
        reason: 'Known good',
        mode: 'fast',
      },
    ]);
  });

  it('trap 6: lets people choose between skipping the canary and running it backwards, with what each means', async () => {
    const { client, dialog, user } = await show('&stage=cloud-production');
    expect(await dialog.findByRole('radio', { name: 'Fast' })).toBeChecked();
    expect(
      await dialog.findByText(/tells Flagger to skip its analysis/),
    ).toBeVisible();
    await user.click(dialog.getByRole('radio', { name: 'Safe' }));
    expect(await dialog.findByText(/goes back safely/)).toBeVisible();
    await user.type(dialog.getByRole('textbox'), 'Slow but sure');
    await user.click(dialog.getByRole('button', { name: 'Roll back' }));
    expect(client.asked).toMatchObject([{ mode: 'safe' }]);
  });

  it('offers no choice where no canary runs', async () => {
    const { client, dialog, user } = await show('&stage=cloud-staging');
    expect(await dialog.findByText(/sets 2.7.2 at once/)).toBeVisible();
    expect(
      dialog.queryByRole('radio', { name: 'Safe' }),
    ).not.toBeInTheDocument();
    await user.type(dialog.getByRole('textbox'), 'Known good');
    await user.click(dialog.getByRole('button', { name: 'Roll back' }));
    expect(client.asked).toMatchObject([{ mode: undefined }]);
  });

  it('says why a stage may not be taken back', async () => {
    const { dialog } = await show();
    expect(
      dialog.queryByRole('checkbox', { name: 'Edge staging' }),
    ).not.toBeInTheDocument();
    expect(dialog.getByText('Only edge-operators take it back.')).toBeVisible();
  });
});
