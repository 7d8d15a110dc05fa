// SPDX-License-Identifier: Apache-2.0
import type { Visitor } from './Visitor';

/** Starts a scenario on the page Simulation, until somebody stops it. */
export async function startScenario(
  visitor: Visitor,
  title: string,
  settings: {
    /** Options of lists, by the labels of their fields. */
    readonly choose?: Readonly<Record<string, string>>;
    /** Texts and numbers, by the labels of their fields. */
    readonly fill?: Readonly<Record<string, string>>;
  },
): Promise<void> {
  const { page } = visitor;
  // Lists are dialogs of their own.
  const dialog = page.getByRole('dialog', { name: title, exact: true });
  await visitor.open('/simulation');
  await visitor.press(
    page.getByRole('button', { name: `Start ${title}` }),
    limit => dialog.waitFor(limit),
  );
  const choices = Object.entries({
    ...settings.choose,
    'Stops by itself': 'Never, I stop it',
  });
  for (const [field, option] of choices) {
    await dialog.getByRole('button', { name: new RegExp(field) }).click();
    await page.getByRole('option', { name: option, exact: true }).click();
  }
  for (const [field, text] of Object.entries(settings.fill ?? {}))
    await dialog
      .getByRole('textbox', { name: new RegExp(`^${field}`) })
      .fill(text);
  await dialog.getByRole('button', { name: 'Start', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
  await page
    .getByRole('region', { name: 'Running scenarios' })
    .getByText(new RegExp(title))
    .first()
    .waitFor();
}

/** Stops every run of a scenario on the page Simulation. */
export async function stopScenario(
  visitor: Visitor,
  title: string,
): Promise<void> {
  const { page } = visitor;
  await visitor.open('/simulation');
  const runs = page.getByRole('region', { name: 'Running scenarios' });
  const stops = runs.getByRole('button', {
    name: new RegExp(`^Stop ${title}`),
  });
  await stops.first().waitFor();
  for (let left = await stops.count(); left > 0; left--) {
    await stops.nth(left - 1).click();
  }
  await stops.first().waitFor({ state: 'detached' });
}
