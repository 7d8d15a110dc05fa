// SPDX-License-Identifier: Apache-2.0
import type { LoggerService } from '@backstage/backend-plugin-api';
import { releaseView } from '@causeway/plugin-delivery-common';
import type { CatalogPipelines } from '../pipelines/CatalogPipelines';
import type { ReleaseReports } from '../releases/ReleaseReports';
import { normalizeRepository } from '@causeway/plugin-delivery-node';
import { isSignedWith } from '../releases/signature';
import { problemOfRefusal, RequestProblem } from './RequestProblem';
import type { Handlers } from './routes';

/** What other programs send: CI's release reports and the forge's pushes. They sign; nobody signs in. */
export function incomingHandlers(parts: {
  readonly reports: ReleaseReports;
  readonly pipelines: Pick<CatalogPipelines, 'refreshRepository'>;
  readonly giteaSecret?: string;
  readonly logger: LoggerService;
}): Handlers<'reportRelease' | 'receiveGiteaWebhook'> {
  const { reports, pipelines, giteaSecret, logger } = parts;
  return {
    async reportRelease(request) {
      const header = (name: string) => request.header(name) ?? '';
      const answer = await reports.receive({
        body: request.raw,
        timestamp: header('x-causeway-timestamp'),
        delivery: header('x-causeway-delivery'),
        signature: header('x-causeway-signature'),
      });
      if (answer.kind === 'refused') {
        logger.warn(`A release report was refused: ${answer.code}`);
        throw problemOfRefusal(answer);
      }
      return {
        status: answer.kind === 'recorded' ? 201 : 200,
        body: releaseView(answer.release),
      };
    },

    async receiveGiteaWebhook(request) {
      const signature = request.header('x-gitea-signature') ?? '';
      if (
        !giteaSecret ||
        !isSignedWith(giteaSecret, [request.raw], signature)
      ) {
        throw new RequestProblem('AuthenticationError', {
          code: 'badSignature',
          message: 'The signature of the webhook is not right.',
          hint: 'Give the webhook of the forge the secret that delivery.webhooks.gitea.secret holds.',
        });
      }
      const repository = repositoryOf(request.raw);
      if (repository) {
        // The push is only a hint, so the forge need not wait until everything was read again.
        pipelines
          .refreshRepository(repository)
          .catch((error: unknown) =>
            logger.warn(
              `Pipelines were not read again after a push: ${String(error)}`,
            ),
          );
      }
      return { status: 202 };
    },
  };
}

function repositoryOf(raw: Buffer): string | undefined {
  try {
    const body: unknown = JSON.parse(raw.toString('utf8'));
    if (typeof body !== 'object' || body === null || !('repository' in body)) {
      return undefined;
    }
    const { repository } = body;
    return typeof repository === 'object' &&
      repository !== null &&
      'html_url' in repository &&
      typeof repository.html_url === 'string'
      ? normalizeRepository(repository.html_url)
      : undefined;
  } catch {
    // Signed, but not a push as we know it; there is nothing to read again.
    return undefined;
  }
}
