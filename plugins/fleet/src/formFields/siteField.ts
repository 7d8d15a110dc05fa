// SPDX-License-Identifier: Apache-2.0
import { createFormField } from '@backstage/plugin-scaffolder-react/alpha';
import { SitePicker } from './SitePicker';
import { siteFieldSchema } from './siteFieldSchema';

/** `ui:field: FleetSitePicker` in templates. */
export const siteField = createFormField({
  name: 'FleetSitePicker',
  component: SitePicker,
  schema: siteFieldSchema,
});
