// SPDX-License-Identifier: Apache-2.0
import type { PromotionDetail } from '@causeway/plugin-delivery-common';
import { screen, waitFor, within } from '@testing-library/react';
import { StoryClient } from '../../dev/StoryClient';
import { renderDelivery } from '../../dev/renderDelivery';
import { PromotionDialog } from './PromotionDialog';

/** The story's backend that remembers decisions. */
class DecidingClient extends StoryClient {
  decisions: { id: string; decision: string; reason?: string }[] = [];
  change = (detail: PromotionDetail): PromotionDetail => detail;

  async getPromotion(id: string) {
    return this.change(await super.getPromotion(id));
  }

  async decidePromotion(
    id: string,
    decision: { decision: 'approve' | 'reject'; reason?: string },
  ) {
    this.decisions.push({ id, ...decision });
    return super.decidePromotion(id, decision);
  }
}

function show(id: string, change?: DecidingClient['change']) {
  const client = new DecidingClient(Date.now());
  if (change) client.change = change;
  const view = renderDelivery(
    <PromotionDialog id={id} onClose={() => undefined} />,
    {
      client,
    },
  );
  return { client, ...view };
}

async function dialogNamed(name: RegExp) {
  return within(await screen.findByRole('dialog', { name }));
}

describe('PromotionDialog', () => {
  it('approves after the configuration-only change was ticked, and then shows the progress', async () => {
    const { client, user, posted } = show('waiting-281');
    const dialog = await dialogNamed(/Promote 2.8.1 to Cloud production/);
    expect(await dialog.findByText('Approval: you')).toBeVisible();
    const approve = dialog.getByRole('button', { name: 'Approve 2.8.1' });
    await dialog.findByText(
      'Opens when the configuration-only change is ticked.',
    );
    await user.click(approve);
    expect(client.decisions).toEqual([]);
    await user.click(dialog.getByRole('checkbox'));
    await user.click(approve);
    expect(await screen.findByText('Writing to Git')).toBeVisible();
    expect(client.decisions).toEqual([
      { id: 'waiting-281', decision: 'approve', reason: undefined },
    ]);
    expect(posted).toEqual(['Approved 2.8.1 for Cloud production']);
  });

  it('rejects only with a reason', async () => {
    const { client, user } = show('waiting-281');
    const dialog = await dialogNamed(/Promote 2.8.1 to Cloud production/);
    await user.click(dialog.getByRole('button', { name: 'Reject…' }));
    const reject = dialog.getByRole('button', { name: 'Reject 2.8.1' });
    expect(reject).toHaveAccessibleDescription('Opens when a reason is given.');
    await user.click(reject);
    expect(client.decisions).toEqual([]);
    await user.type(dialog.getByRole('textbox'), 'Queue change was not agreed');
    await user.click(reject);
    expect(await screen.findByText('Rejected')).toBeVisible();
    expect(client.decisions).toEqual([
      {
        id: 'waiting-281',
        decision: 'reject',
        reason: 'Queue change was not agreed',
      },
    ]);
  });

  it('says why a person may not approve', async () => {
    const { user, client } = show('waiting-281', detail => ({
      ...detail,
      allowedActions: [
        {
          action: 'approve',
          allowed: false,
          reasons: [
            {
              code: 'ownRelease',
              text: 'You wrote it.',
              owners: ['group:default/team-leads'],
            },
          ],
        },
      ],
    }));
    const dialog = await dialogNamed(/Promote 2.8.1 to Cloud production/);
    const approve = await dialog.findByRole('button', {
      name: 'Approve 2.8.1',
    });
    expect(approve).toHaveAccessibleDescription(
      'You wrote it. Ask team-leads.',
    );
    await user.click(approve);
    expect(client.decisions).toEqual([]);
    expect(
      dialog.queryByRole('button', { name: 'Reject…' }),
    ).not.toBeInTheDocument();
  });

  it('shows how far a running promotion has come, its proof and its commit', async () => {
    show('running-280');
    const dialog = await dialogNamed(/Promote 2.8.0 to Edge staging/);
    expect(dialog.getByText('1 of 3 pods run the new version')).toBeVisible();
    expect(dialog.getByText('Flux applied it in edge-staging.')).toBeVisible();
    expect(
      dialog.getByRole('link', { name: 'Commit 5b1d0c2' }),
    ).toHaveAttribute(
      'href',
      'https://forge.example/norden/fleet/commit/5b1d0c2e9f',
    );
  });

  it('shows what CI has left with the release, and saves a file without showing it', async () => {
    const saved: Blob[] = [];
    // The browser of the tests has no place for files.
    Object.assign(URL, {
      createObjectURL: (content: Blob) => {
        saved.push(content);
        return 'blob:evidence';
      },
      revokeObjectURL: () => undefined,
    });
    const clicked: string[] = [];
    jest
      .spyOn(HTMLAnchorElement.prototype, 'click')
      .mockImplementation(function click(this: HTMLAnchorElement) {
        clicked.push(this.download);
      });
    const { user } = show('running-280');
    const dialog = await dialogNamed(/Promote 2.8.0 to Edge staging/);
    await user.click(await dialog.findByText('1 file, 14 kB'));
    expect(dialog.getByText('Test results (JUnit)')).toBeVisible();
    expect(dialog.getByText(/^14 kB ·/)).toHaveTextContent(
      /SHA-256 7c4a8d09ca37….*CI of norden\/parcel-vision/,
    );
    await user.click(
      dialog.getByRole('button', { name: 'Save unit.junit.xml' }),
    );
    await waitFor(() => expect(clicked).toEqual(['unit.junit.xml']));
    expect(saved).toHaveLength(1);
  });

  it('says when there is no such promotion', async () => {
    show('unheard-of');
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'There is no unheard-of in the sample story.',
    );
  });
});
