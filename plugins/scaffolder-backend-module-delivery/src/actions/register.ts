// SPDX-License-Identifier: Apache-2.0
import { InputError } from '@backstage/errors';
import type { ScmIntegrations } from '@backstage/integration';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import type { ReleaseSecrets } from '@causeway/plugin-delivery-node';
import { GiteaForge } from '../fleet/GiteaForge';
import type { ServiceOwners } from '../ServiceOwners';
import { registerExamples } from './examples';
import { nameInput, repositoryInput } from './inputs';

const usualName = 'CAUSEWAY_RELEASE_SECRET';

/** Gives the CI of a repository the key with which it signs its release reports. */
export function createRegisterAction(parts: {
  readonly integrations: ScmIntegrations;
  readonly secrets: ReleaseSecrets;
  readonly owners: ServiceOwners;
}) {
  return createTemplateAction({
    id: 'delivery:service:register',
    description:
      'Puts the key with which a repository signs its release reports into the secrets of its CI. It signs for this repository only, and is never shown.',
    examples: registerExamples,
    supportsDryRun: true,
    schema: {
      input: z =>
        z.object({
          name: nameInput(z),
          repository: repositoryInput(z),
          secretName: z
            .string({ description: `Default: ${usualName}` })
            .regex(/^[A-Z][A-Z0-9_]*$/)
            .optional(),
          replace: z
            .boolean({
              description:
                'Write it again where there is one, after the secret of the portal was changed. Default: false',
            })
            .optional(),
        }),
      output: {
        changed: z => z.boolean({ description: 'False: it was there already' }),
        secretName: z => z.string(),
        instructions: z =>
          z
            .string({
              description: 'What a person has to do where the forge can not',
            })
            .optional(),
      },
    },
    async handler(ctx) {
      const { name, repository, replace = false } = ctx.input;
      const secretName = ctx.input.secretName ?? usualName;
      const tell = (changed: boolean, sentence: string) => {
        ctx.logger.info(sentence);
        ctx.output('changed', changed);
        ctx.output('secretName', secretName);
      };
      if (ctx.isDryRun) {
        tell(true, `Would set ${secretName} in ${repository.url}.`);
        return;
      }
      await parts.owners.mayChange(
        `component:default/${name}`,
        await ctx.getInitiatorCredentials(),
      );
      const key = parts.secrets.keyOf(repository.url);
      if (key === undefined) {
        throw new InputError(
          `No secret of \`delivery.releases.secrets\` covers ${repository.url}. Add an entry whose \`repository\` matches it, for example with * for the last part.`,
        );
      }
      const forge = GiteaForge.of(parts.integrations, repository.url);
      const isThere = await forge?.hasSecret(secretName);
      if (!forge || isThere === undefined) {
        ctx.output('instructions', instructionsFor(repository.url, secretName));
        tell(
          false,
          `${repository.url} keeps no secrets that the portal can set.`,
        );
        return;
      }
      if (isThere && !replace) {
        tell(
          false,
          `${repository.url} has ${secretName} already: nothing to do.`,
        );
        return;
      }
      await ctx.checkpoint({
        key: `delivery.register.${name}`,
        fn: () => forge.setSecret(secretName, key),
      });
      tell(true, `Set ${secretName} in ${repository.url}.`);
    },
  });
}

/** Outputs of templates are kept, so the key itself is not among them. */
function instructionsFor(repository: string, secretName: string): string {
  const page = repository.replace(/(\.git)?\/*$/, '');
  return `Whoever knows the portal's release secret sets ${secretName} in ${page} to the output of: printf 'release:${page}' | openssl dgst -sha256 -hmac "$RELEASE_SECRET" | sed 's/.* //'`;
}
