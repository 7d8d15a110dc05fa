// SPDX-License-Identifier: Apache-2.0
import { createFormField } from '@backstage/plugin-scaffolder-react/alpha';
import { hardwareFieldSchema } from './hardwareFieldSchema';
import { HardwarePicker } from './HardwarePicker';

/** `ui:field: FleetHardwarePicker` in templates. */
export const hardwareField = createFormField({
  name: 'FleetHardwarePicker',
  component: HardwarePicker,
  schema: hardwareFieldSchema,
});
