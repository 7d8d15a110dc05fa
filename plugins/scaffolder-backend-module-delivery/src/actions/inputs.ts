// SPDX-License-Identifier: Apache-2.0
import type { z as zod } from 'zod/v3';

type Zod = typeof zod;

/** A DNS label, as Kubernetes and Git folders take it. */
export function nameInput(z: Zod) {
  return z
    .string({ description: 'Name of the service, a DNS label' })
    .regex(
      /^[a-z]([a-z0-9-]{0,51}[a-z0-9])?$/,
      'Lower-case letters, digits and dashes, beginning with a letter, at most 53',
    );
}

/** The repository of a service as templates hand it over. */
export function repositoryInput(z: Zod) {
  return z.object(
    {
      url: z
        .string({ description: 'Address of the repository' })
        .url()
        .regex(/^https?:\/\/[^@]+$/, 'http or https, without credentials'),
      host: z.string().optional(),
      owner: z.string().optional(),
      repo: z.string().optional(),
    },
    { description: 'Repository of the service' },
  );
}
