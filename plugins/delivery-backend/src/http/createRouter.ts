// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage } from 'node:http';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { isError } from '@backstage/errors';
import express from 'express';
import Router from 'express-promise-router';
import type { ApiDocument, Operation, OperationId } from './ApiDocument';
import { problemOfError, RequestProblem } from './RequestProblem';
import type { ApiAnswer, ApiRequest, Handler, Handlers } from './routes';

/** No request of this API needs more; larger ones are refused before they are read. */
const BODY_LIMIT = '1mb';

/** The requests whose handlers check the bytes themselves, before anybody looks at their shape. */
const signedOperations: readonly OperationId[] = [
  'reportRelease',
  'receiveGiteaWebhook',
  'sendEvidence',
];

/** Requests whose handlers read the body piece by piece themselves. */
function isStreamed(request: IncomingMessage): boolean {
  return (
    request.method === 'POST' &&
    /^\/releases\/[^/]+\/evidence\/[^/?]+(\?|$)/.test(request.url ?? '')
  );
}

/**
 * Mounts a handler for every operation of the OpenAPI document: reads the body with a limit, refuses
 * what has not the described shape, and answers every failure as a `Problem`. What failed without
 * being foreseen is logged here, once.
 */
export function createRouter(options: {
  readonly document: ApiDocument;
  readonly handlers: Handlers<OperationId>;
  readonly logger: LoggerService;
}): express.Router {
  const { document, handlers, logger } = options;
  const router = Router();
  router.use(
    express.raw({ type: request => !isStreamed(request), limit: BODY_LIMIT }),
  );
  for (const operation of document.operations()) {
    router[operation.method](operation.path, async (request, response) => {
      await answer(
        response,
        await handle(operation, request, response, handlers[operation.id]),
      );
    });
  }
  const onError: express.ErrorRequestHandler = (
    error,
    request,
    response,
    next,
  ) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const problem = problemOfError(error);
    if (problem.status >= 500) {
      logger.error(
        `${request.method} ${request.path} failed: ${problem.message}`,
        isError(problem.cause) ? problem.cause : problem,
      );
    }
    // What was not read would be taken for the next request of the connection.
    if (!request.complete) response.set('Connection', 'close');
    response
      .status(problem.status)
      .set('Cache-Control', 'no-store')
      .json(problem);
  };
  router.use(onError);
  return router;
}

async function handle(
  operation: Operation,
  request: express.Request,
  response: express.Response,
  handler: Handler<never>,
): Promise<ApiAnswer> {
  const raw: Buffer = Buffer.isBuffer(request.body)
    ? request.body
    : Buffer.alloc(0);
  const isSigned = signedOperations.includes(operation.id);
  const body = isSigned ? undefined : parseBody(raw);
  const { problems, query } = operation.validateRequest({
    params: request.params,
    query: request.query,
    headers: request.headers,
    body: isSigned ? {} : body ?? {},
  });
  const relevant = isSigned
    ? problems.filter(problem => !problem.at.startsWith('body'))
    : problems;
  if (relevant.length > 0) throw badShape(relevant);
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const checked: Omit<ApiRequest, 'params' | 'query' | 'body'> & {
    params: unknown;
    query: unknown;
    body: unknown;
  } = {
    express: request,
    params: request.params,
    query,
    body,
    raw,
    header: name => request.get(name),
    signal: gone.signal,
  };
  // The document was just used to check exactly what the handler's type says.
  return handler(checked as ApiRequest<never>);
}

function parseBody(raw: Buffer): unknown {
  if (raw.length === 0) return undefined;
  try {
    return JSON.parse(raw.toString('utf8'));
  } catch (error) {
    throw new RequestProblem('InputError', {
      code: 'badJson',
      message: 'The body of the request can not be read as JSON.',
      cause: error,
    });
  }
}

function badShape(
  problems: readonly { readonly at: string; readonly message: string }[],
): RequestProblem {
  return new RequestProblem('InputError', {
    code: 'badRequest',
    message: `The request does not have the right shape: ${problems[0].at} ${problems[0].message}.`,
    hint: 'Compare it with the OpenAPI document of the plugin.',
    details: problems.map(problem => ({ ...problem })),
  });
}

async function answer(
  response: express.Response,
  { status, body, lines, content, headers }: ApiAnswer,
): Promise<void> {
  response.status(status);
  // What is shown depends on who looks, so no shared cache may keep it.
  response.set({ 'Cache-Control': 'private, no-cache', ...headers });
  if (lines) {
    response.type('application/jsonl');
    for await (const line of lines) {
      if (response.destroyed) return;
      if (!response.write(`${line}\n`)) {
        await new Promise(resolve => {
          response.once('drain', resolve);
          response.once('close', resolve);
        });
      }
    }
    response.end();
  } else if (content) {
    response.end(content);
  } else if (body === undefined) {
    response.end();
  } else {
    response.json(body);
  }
}
