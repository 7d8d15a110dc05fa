// SPDX-License-Identifier: Apache-2.0
import { makeFieldSchema } from '@backstage/plugin-scaffolder-react';

/** What the field gives to a template, and what a template may say to it. */
export const siteFieldSchema = makeFieldSchema({
  output: z => z.array(z.string()),
  uiOptions: z =>
    z.object({
      nodeLabel: z
        .string()
        .optional()
        .describe(
          'The label of nodes by which pods choose sites. Default: causeway.dev/site.',
        ),
      clusters: z
        .array(z.string())
        .optional()
        .describe(
          'Names of the clusters whose sites are offered. Default: all.',
        ),
      kinds: z
        .object({
          parameter: z
            .string()
            .describe('The parameter that holds the chosen kinds of device.'),
          nodeLabel: z
            .string()
            .optional()
            .describe(
              'The label of nodes whose values these are. Default: causeway.dev/device.',
            ),
        })
        .optional()
        .describe(
          'Counts at each site the devices of the kinds that were chosen in the same form.',
        ),
    }),
});

export type SitePickerProps = typeof siteFieldSchema.TProps;
