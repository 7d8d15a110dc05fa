// SPDX-License-Identifier: Apache-2.0
import { Stepper } from '@backstage/plugin-scaffolder-react/alpha';
import { screen } from '@testing-library/react';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { HardwarePicker } from '../src/formFields/HardwarePicker';
import { SitePicker } from '../src/formFields/SitePicker';
import { renderFleet, STORY, type RenderedFleet } from './renderFleet';
import { StoryFleet } from './StoryFleet';

/** The page of a real template that asks where a service runs. */
const template: {
  readonly spec: {
    readonly parameters: readonly { readonly title: string }[];
  };
} = parse(
  readFileSync(
    resolve(__dirname, '../../../templates/edge-web-service.yaml'),
    'utf8',
  ),
);
const page = template.spec.parameters.find(
  ({ title }) => title === 'Where it runs',
);
const extensions = [
  { name: 'FleetHardwarePicker', component: HardwarePicker },
  { name: 'FleetSitePicker', component: SitePicker },
];

/** A page of a template over a fleet, and what it sends at the end. */
export interface RenderedForm extends RenderedFleet {
  readonly client: StoryFleet;
  readonly send: () => Promise<readonly Record<string, unknown>[]>;
}

/** Shows the page in the scaffolder's own form, filled in with `initial`. */
export function renderForm(
  client = new StoryFleet(STORY),
  initial: Record<string, string[]> = {},
): RenderedForm {
  // The form goes to its top, which jsdom can not.
  window.scrollTo = () => undefined;
  const sent: Record<string, unknown>[] = [];
  const view = renderFleet(
    <Stepper
      manifest={{
        title: 'A service',
        steps: [{ title: 'Where it runs', schema: { ...page } }],
      }}
      extensions={extensions}
      initialState={initial}
      onCreate={async values => {
        sent.push(values);
      }}
    />,
    { client },
  );
  const send = async () => {
    await view.user.click(screen.getByRole('button', { name: 'Review' }));
    await view.user.click(
      await screen.findByRole('button', { name: 'Create' }),
    );
    return sent;
  };
  return { ...view, client, send };
}
