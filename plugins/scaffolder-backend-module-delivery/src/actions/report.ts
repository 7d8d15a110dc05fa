// SPDX-License-Identifier: Apache-2.0
import { createHash, createHmac } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { DiscoveryService } from '@backstage/backend-plugin-api';
import { InputError, ResponseError } from '@backstage/errors';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import type { ReleaseReport } from '@causeway/plugin-delivery-common';
import type { ReleaseSecrets } from '@causeway/plugin-delivery-node';
import type { ServiceOwners } from '../ServiceOwners';
import { reportExamples } from './examples';
import { nameInput, repositoryInput } from './inputs';

/** The catalog needs some moments before it knows a service that was just registered. */
const ATTEMPTS = 40;
const PAUSE_MS = 3_000;

/** Reports a release, as CI does. */
export function createReportAction(parts: {
  readonly discovery: DiscoveryService;
  readonly secrets: ReleaseSecrets;
  readonly owners: ServiceOwners;
  readonly clock: () => Date;
}) {
  return createTemplateAction({
    id: 'delivery:release:report',
    description:
      'Reports a release to the portal, as CI does after a build: the first of a service, or what an adopted service runs already.',
    examples: reportExamples,
    supportsDryRun: true,
    schema: {
      input: z =>
        z.object({
          name: nameInput(z),
          repository: repositoryInput(z),
          version: z.string({ description: 'Semantic version' }),
          commit: z.object({
            sha: z.string().regex(/^[0-9a-f]{40}$/),
            message: z.string(),
            author: z.string({ description: 'Name <address>' }),
            time: z.string({ description: 'ISO 8601' }).datetime(),
          }),
          images: z
            .array(
              z.object({
                name: z.string(),
                tag: z.string(),
                digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
              }),
            )
            .min(1),
        }),
      output: {
        release: z => z.string({ description: 'Id of the release' }),
        changed: z => z.boolean({ description: 'False: it was known already' }),
      },
    },
    async handler(ctx) {
      const { name, repository, version, commit, images } = ctx.input;
      const service = `component:default/${name}`;
      if (ctx.isDryRun) {
        ctx.logger.info(`Would report ${name} ${version}.`);
        ctx.output('release', 'dry-run');
        ctx.output('changed', true);
        return;
      }
      await parts.owners.mayChange(
        service,
        await ctx.getInitiatorCredentials(),
      );
      const key = parts.secrets.keyOf(repository.url);
      if (key === undefined) {
        throw new InputError(
          `No secret of \`delivery.releases.secrets\` covers ${repository.url}.`,
        );
      }
      const report: ReleaseReport = {
        service,
        repository: repository.url,
        version,
        commit,
        images,
      };
      const url = `${await parts.discovery.getBaseUrl('delivery')}/releases`;
      const answer = await ctx.checkpoint({
        key: `delivery.report.${name}.${version}`,
        fn: () =>
          untilKnown(ctx.signal, () =>
            send(url, JSON.stringify(report), key, parts.clock()),
          ),
      });
      ctx.logger.info(
        answer.changed
          ? `Reported ${name} ${version}.`
          : `${name} ${version} was reported before: nothing to do.`,
      );
      ctx.output('release', answer.release);
      ctx.output('changed', answer.changed);
    },
  });
}

type Answer = { readonly release: string; readonly changed: boolean };

/** Undefined: the portal does not know the service yet. */
async function send(
  url: string,
  body: string,
  key: string,
  now: Date,
): Promise<Answer | undefined> {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  // The same report is the same delivery, so that a repetition is answered the same.
  const delivery = createHash('sha256').update(body).digest('hex').slice(0, 32);
  const signature = createHmac('sha256', key)
    .update(`${timestamp}.${delivery}.${body}`)
    .digest('hex');
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'X-Causeway-Timestamp': timestamp,
      'X-Causeway-Delivery': delivery,
      'X-Causeway-Signature': `sha256=${signature}`,
    },
    body,
    signal: AbortSignal.timeout(30_000),
  });
  if (response.status === 404) return undefined;
  if (!response.ok) throw await ResponseError.fromResponse(response);
  const release = (await response.json()) as { readonly id: string };
  return { release: release.id, changed: response.status === 201 };
}

async function untilKnown(
  signal: AbortSignal | undefined,
  attempt: () => Promise<Answer | undefined>,
): Promise<Answer> {
  for (let count = 1; count <= ATTEMPTS; count += 1) {
    const answer = await attempt();
    if (answer) return answer;
    await pause(PAUSE_MS, undefined, { signal });
  }
  throw new InputError(
    'The catalog does not know the service. Register it before its release is reported.',
  );
}
