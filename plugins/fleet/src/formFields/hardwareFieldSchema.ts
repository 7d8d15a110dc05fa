// SPDX-License-Identifier: Apache-2.0
import { makeFieldSchema } from '@backstage/plugin-scaffolder-react';

/** What the field gives to a template, and what a template may say to it. */
export const hardwareFieldSchema = makeFieldSchema({
  output: z => z.array(z.string()),
  uiOptions: z =>
    z.object({
      nodeLabel: z
        .string()
        .optional()
        .describe(
          'The label of nodes whose values the choices are. Default: causeway.dev/device.',
        ),
      clusters: z
        .array(z.string())
        .optional()
        .describe('Names of the clusters whose devices count. Default: all.'),
    }),
});

export type HardwarePickerProps = typeof hardwareFieldSchema.TProps;
