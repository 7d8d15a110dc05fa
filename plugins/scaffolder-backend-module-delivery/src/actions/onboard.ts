// SPDX-License-Identifier: Apache-2.0
import { resolveSafeChildPath } from '@backstage/backend-plugin-api';
import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import type { ScmIntegrations } from '@backstage/integration';
import {
  createTemplateAction,
  type ActionContext,
} from '@backstage/plugin-scaffolder-node';
import { readFiles, readText } from '../fleet/FleetCheckout';
import { FleetOnboarding, type Onboarded } from '../fleet/FleetOnboarding';
import type { ServiceOwners } from '../ServiceOwners';
import { onboardExamples } from './examples';
import { nameInput } from './inputs';

/** Puts a service into the fleet repository: folders, Flux, Flagger, and its road. */
export function createOnboardAction(parts: {
  readonly config: Config;
  readonly integrations: ScmIntegrations;
  readonly owners: ServiceOwners;
}) {
  return createTemplateAction({
    id: 'delivery:service:onboard',
    description:
      'Adds a service to the fleet repository, by commit or pull request: its folders, Flux Kustomizations and, where the pipeline wants it, Flagger or two colours. What is there already stays as it is.',
    examples: onboardExamples,
    supportsDryRun: true,
    schema: {
      input: z =>
        z.object({
          name: nameInput(z),
          owner: z.string({ description: 'Entity ref of the owning group' }),
          system: z
            .string({
              description: 'System, and namespace of the workloads',
            })
            .optional(),
          image: z.string({ description: 'Full image name without tag' }),
          port: z
            .number({ description: 'Port of the container. Default: 8080' })
            .int()
            .min(1)
            .max(65535)
            .optional(),
          hardware: z
            .array(z.string(), {
              description: 'Kinds of device at the edge, such as jetson',
            })
            .optional(),
          fleet: z
            .object(
              { url: z.string().url(), branch: z.string().optional() },
              {
                description: 'Fleet repository. Default: that of the portal',
              },
            )
            .optional(),
          strategy: z
            .enum(['rolling', 'canary', 'blueGreen'], {
              description:
                'How cloud production gets new versions, where the service has no pipeline document. Default: rolling',
            })
            .optional(),
          wave: z
            .boolean({
              description:
                'Whether devices get new versions some first, where the service has no pipeline document',
            })
            .optional(),
          approvers: z
            .string({
              description:
                'Group that approves production, where the service has no pipeline document. Default: the owner',
            })
            .optional(),
          pipeline: z
            .string({
              description:
                'Pipeline document in the workspace. Default: delivery.yaml; one that is missing is made in the fleet repository',
            })
            .optional(),
          manifests: z
            .string({
              description:
                'Folder in the workspace with base/ and overlays/, which are copied. Default: they are made',
            })
            .optional(),
          release: z
            .object(
              {
                tag: z.string(),
                digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
              },
              { description: 'What runs already, for an existing service' },
            )
            .optional(),
          pullRequest: z
            .boolean({
              description:
                'Propose the change instead of committing it. Default: false',
            })
            .optional(),
        }),
      output: {
        changed: z =>
          z.boolean({ description: 'False: everything was there already' }),
        files: z => z.array(z.string(), { description: 'Changed files' }),
        kept: z =>
          z.array(z.string(), { description: 'Files that people changed' }),
        notes: z =>
          z.array(z.string(), { description: 'What is still to be done' }),
        commit: z => z.string({ description: 'Hash' }).optional(),
        commitUrl: z => z.string().optional(),
        pullRequestUrl: z => z.string().optional(),
        pipeline: z =>
          z.string({
            description: 'Value of the annotation causeway.dev/pipeline',
          }),
      },
    },
    async handler(ctx) {
      const { input } = ctx;
      if (!ctx.isDryRun) {
        await parts.owners.mayChange(
          `component:default/${input.name}`,
          await ctx.getInitiatorCredentials(),
        );
      }
      const workspace = ctx.workspacePath;
      const pipelineFile = input.pipeline ?? 'delivery.yaml';
      const { name, image, release } = input;
      const onboarding = new FleetOnboarding({
        request: {
          name,
          image,
          ...(release && { release }),
          system: input.system ?? 'default',
          port: input.port ?? 8080,
          hardware: input.hardware ?? [],
          strategy: input.strategy ?? 'rolling',
          wave: input.wave ?? false,
          approvers: input.approvers ?? input.owner,
          document: await readText(
            resolveSafeChildPath(workspace, pipelineFile),
          ),
          documentFile: pipelineFile,
          ...(input.manifests !== undefined && {
            manifests: await readFiles(
              resolveSafeChildPath(workspace, input.manifests),
              ['base/**', 'overlays/**'],
            ),
          }),
        },
        fleet: fleetOf(parts.config, input.fleet),
        integrations: parts.integrations,
        newDirectory: () => ctx.createTemporaryDirectory(),
        logger: ctx.logger,
      });
      const result = ctx.isDryRun
        ? await onboarding.preview()
        : await ctx.checkpoint({
            key: `delivery.onboard.${input.name}`,
            fn: () =>
              onboarding.apply({
                by: requester(ctx.user),
                propose: input.pullRequest ?? false,
              }),
          });
      report(ctx, result, ctx.isDryRun ?? false);
    },
  });
}

function fleetOf(
  config: Config,
  input: { readonly url: string; readonly branch?: string } | undefined,
) {
  const repository =
    input?.url ?? config.getOptionalString('delivery.fleet.repository');
  if (!repository) {
    throw new InputError(
      'No fleet repository: set `delivery.fleet` in the configuration, or `fleet` in the template.',
    );
  }
  const branch =
    input?.branch ??
    (input ? undefined : config.getOptionalString('delivery.fleet.branch'));
  return { repository, branch: branch ?? 'main' };
}

function requester(user: ActionContext<never>['user']) {
  const profile = user?.entity?.spec.profile;
  return {
    name: profile?.displayName ?? user?.entity?.metadata.name ?? 'Causeway',
    email: profile?.email ?? 'causeway@portal.invalid',
    ...(user?.ref && { ref: user.ref }),
  };
}

function report(
  ctx: {
    readonly logger: ActionContext<never>['logger'];
    output(name: keyof Onboarded, value: never): void;
  },
  result: Onboarded,
  isDryRun: boolean,
): void {
  const { logger } = ctx;
  if (!result.changed) {
    logger.info('The fleet repository has everything already: nothing to do.');
  } else {
    logger.info(
      `${isDryRun ? 'Would change' : 'Changed'} ${result.files.join(', ')}`,
    );
  }
  if (result.kept.length > 0) {
    logger.info(`Left as people have changed them: ${result.kept.join(', ')}`);
  }
  result.notes.forEach(note => logger.warn(note));
  for (const [name, value] of Object.entries(result)) {
    ctx.output(name as keyof Onboarded, value as never);
  }
}
