// SPDX-License-Identifier: Apache-2.0
import {
  DeliveryProblem,
  type PromotionPlan,
  type PromotionRequest,
} from '@causeway/plugin-delivery-common';
import { screen, within } from '@testing-library/react';
import { PARCEL_VISION } from '../../dev/pipelines';
import { StoryClient } from '../../dev/StoryClient';
import { Pipeline } from '../pipeline/Pipeline';
import { renderDelivery } from '../../dev/renderDelivery';

/** The story's backend that remembers what was asked of it, with 2.8.1 free to enter Cloud production. */
class RecordingClient extends StoryClient {
  asked: { request: Omit<PromotionRequest, 'dryRun'>; key?: string }[] = [];
  change = (plan: PromotionPlan): PromotionPlan => plan;
  refusal?: DeliveryProblem;

  async getPipeline(service: string) {
    const answer = await super.getPipeline(service);
    const stages = answer.view.stages.map(stage =>
      stage.name === 'cloud-production'
        ? {
            ...stage,
            active: undefined,
            allowedActions: [
              {
                action: 'promote' as const,
                allowed: true,
                reasons: [],
                release: stage.candidate,
              },
            ],
          }
        : stage,
    );
    return { ...answer, view: { ...answer.view, stages } };
  }

  async planPromotion(request: { stage: string; release: string }) {
    return this.change(await super.planPromotion(request));
  }

  async requestPromotion(
    request: Omit<PromotionRequest, 'dryRun'>,
    options?: { idempotencyKey?: string },
  ) {
    this.asked.push({ request, key: options?.idempotencyKey });
    if (this.refusal) throw this.refusal;
    return super.requestPromotion(request);
  }
}

const PATH = '/?dialog=promote&stage=cloud-production';

function show() {
  const client = new RecordingClient(Date.now());
  return {
    client,
    ...renderDelivery(<Pipeline service={PARCEL_VISION} />, {
      client,
      path: PATH,
    }),
  };
}

async function openDialog() {
  const dialog = await screen.findByRole('dialog', {
    name: /Promote 2.8.1 to Cloud production/,
  });
  await within(dialog).findByText('Fix label rotation on belt 4');
  return within(dialog);
}

describe('PromoteDialog', () => {
  it('shows what changes, asks for the configuration-only change, and sends the reason once', async () => {
    const { client, user } = show();
    const dialog = await openDialog();
    expect(
      dialog.getByText(/against 2.7.3, which runs there now/),
    ).toBeVisible();
    expect(
      dialog.getByText('1 change that is configuration only'),
    ).toBeVisible();
    expect(dialog.getByText(/QUEUE_MAX_MB: "512"/)).toBeInTheDocument();
    expect(dialog.getByText('Still missing: 2 of 2')).toBeVisible();
    expect(
      dialog.getByText(/Waits for an approval by team-leads/),
    ).toBeVisible();

    const confirm = dialog.getByRole('button', { name: 'Promote 2.8.1' });
    expect(confirm).toHaveAccessibleDescription(
      'Opens when the configuration-only change is ticked.',
    );
    await user.click(confirm);
    expect(client.asked).toEqual([]);

    await user.click(
      dialog.getByRole('checkbox', {
        name: 'I have seen the configuration-only change',
      }),
    );
    await user.type(dialog.getByRole('textbox'), 'Belt 4 waits for it');
    await user.click(confirm);
    expect(
      await screen.findAllByText('“Belt 4 waits for it”'),
    ).not.toHaveLength(0);
    expect(client.asked).toHaveLength(1);
    expect(client.asked[0].request).toEqual({
      service: PARCEL_VISION,
      stage: 'cloud-production',
      release: 'parcel-vision-2.8.1',
      reason: 'Belt 4 waits for it',
    });
    expect(client.asked[0].key).toMatch(/^[0-9a-f]{32}$/);
  });

  it('starts with the focus on its heading, and Ctrl+Enter promotes only when it may', async () => {
    const { client, user } = show();
    const dialog = await openDialog();
    expect(document.activeElement).toHaveTextContent(
      'Promote 2.8.1 to Cloud production',
    );
    await user.keyboard('{Control>}{Enter}{/Control}');
    expect(client.asked).toEqual([]);
    await user.click(dialog.getByRole('checkbox'));
    await user.keyboard('{Control>}{Enter}{/Control}');
    expect(client.asked).toHaveLength(1);
  });

  it('takes the tick back and says what differs when the plan changes meanwhile', async () => {
    const { client, user, signal } = show();
    const dialog = await openDialog();
    await user.click(dialog.getByRole('checkbox'));
    client.change = plan => ({
      ...plan,
      diff: plan.diff.map(object =>
        object.configurationOnly
          ? {
              ...object,
              lines: [{ sign: '+' as const, text: 'QUEUE_MAX_MB: "1024"' }],
            }
          : object,
      ),
    });
    await signal();
    expect(
      await dialog.findByText(
        'The rendered manifests differ from what was shown.',
      ),
    ).toBeVisible();
    expect(dialog.getByRole('checkbox')).not.toBeChecked();
    await user.click(dialog.getByRole('checkbox'));
    await user.click(dialog.getByRole('button', { name: 'Promote 2.8.1' }));
    expect(client.asked).toEqual([]);
    await user.click(dialog.getByRole('button', { name: 'I have read it' }));
    await user.click(dialog.getByRole('button', { name: 'Promote 2.8.1' }));
    expect(client.asked).toHaveLength(1);
  });

  it('says why the backend refused, and asks before a typed reason is lost', async () => {
    const { client, user } = show();
    client.refusal = new DeliveryProblem('2.8.0 is on its way already.', {
      status: 409,
      code: 'promotionRunning',
      hint: 'Wait for it or cancel it.',
    });
    const dialog = await openDialog();
    await user.type(dialog.getByRole('textbox'), 'Because');
    await user.click(dialog.getByRole('checkbox'));
    await user.click(dialog.getByRole('button', { name: 'Promote 2.8.1' }));
    expect(
      await dialog.findByText(
        '2.8.0 is on its way already. Wait for it or cancel it.',
      ),
    ).toBeVisible();

    await user.keyboard('{Escape}');
    expect(
      dialog.getByText('Leave without sending the reason you typed?'),
    ).toBeVisible();
    await user.click(dialog.getByRole('button', { name: 'Leave' }));
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  });

  it('tells in full which devices a gate has counted, also when it passed, as text', async () => {
    const { client } = show();
    const reason =
      '2 of 3 devices in edge-staging are healthy; <b>pi-3</b> is in state warning.';
    client.change = plan => ({
      ...plan,
      gates: [
        {
          gate: 'Device health in Edge staging',
          kind: 'deviceHealth',
          verdict: 'passed',
          code: 'devicesHealthy',
          reason,
          owners: [],
        },
      ],
    });
    const dialog = await openDialog();
    expect(
      await dialog.findByText('Device health in Edge staging'),
    ).toBeVisible();
    expect(dialog.getByText(reason)).toBeVisible();
  });

  it('makes a dry run and says that nothing was written', async () => {
    const { client, user } = show();
    const dialog = await openDialog();
    await user.click(dialog.getByRole('button', { name: 'Dry run' }));
    expect(await dialog.findByText('2 gates would wait')).toBeVisible();
    expect(dialog.getByText(/nothing was written/)).toBeVisible();
    expect(client.asked).toEqual([]);
  });
});
