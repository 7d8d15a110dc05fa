// SPDX-License-Identifier: Apache-2.0
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { Clock } from '../time/Scheduler';
import { Account, identify } from './accounts';
import { commitRoutes } from './api/commits';
import { contentRoutes } from './api/contents';
import { ApiError, errorResponses } from './api/errors';
import { hookRoutes } from './api/hooks';
import { mergeRoutes } from './api/merges';
import { protectionRoutes } from './api/protections';
import { pullRoutes } from './api/pulls';
import { repositoryRoutes } from './api/repositories';
import { ApiContext, setAccount } from './api/requests';
import { reviewRoutes } from './api/reviews';
import { secretRoutes } from './api/secrets';
import { statusRoutes } from './api/statuses';
import { Forge } from './Forge';
import type { Hook } from './records';
import { pageRoutes } from './pages/routes';
import { parseGitRequest, SmartHttp } from './smartHttp';
import { Deliveries } from './webhooks/Deliveries';

/** Settings of the forge. */
export interface ForgeOptions {
  /** Folder of the repositories; kept over restarts. */
  readonly directory: string;
  /** TCP port on 127.0.0.1; 0 takes a free one. */
  readonly port: number;
  readonly accounts: readonly Account[];
  /** The password of every account. */
  readonly password: string;
  readonly clock: Clock;
  /** Told about pushes to every repository, beside the hooks made by the API. */
  readonly systemHooks?: readonly Pick<Hook, 'url' | 'secret'>[];
  /** Further routes below `/simulation`, which no fault of the forge hides. */
  readonly simulation?: express.Router;
  /** Further routes below `/prometheus`, which no fault of the forge hides. */
  readonly metrics?: express.Router;
  readonly log?: (line: string) => void;
}

/** A running forge. */
export interface RunningForge {
  readonly forge: Forge;
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Ends all connections, waits for deliveries under way. */
  stop(): Promise<void>;
}

/** Serves Git over HTTP, the Gitea API and plain pages on one port of the loopback interface. */
export async function startForge(options: ForgeOptions): Promise<RunningForge> {
  const log = options.log ?? (() => undefined);
  const forge = await Forge.open(options);
  const smartHttp = await SmartHttp.prepare(
    forge,
    `${options.directory}-settings`,
  );
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const context: ApiContext = { forge, baseUrl: () => url };

  const deliveries = new Deliveries(context, options.systemHooks ?? [], log);
  server.on('request', application(context, smartHttp, options, log));
  return {
    forge,
    url,
    async stop() {
      const closed = new Promise(resolve => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await deliveries.stop();
      await Promise.all(forge.repositories().map(each => each.git.end()));
    },
  };
}

function application(
  context: ApiContext,
  smartHttp: SmartHttp,
  options: ForgeOptions,
  log: (line: string) => void,
): express.Express {
  const { forge } = context;
  const app = express();
  app.disable('x-powered-by');
  if (options.simulation) app.use('/simulation', options.simulation);
  if (options.metrics) app.use('/prometheus', options.metrics);
  app.use((request, _response, next) => {
    if (forge.faults.isDown) request.socket.destroy();
    else next();
  });
  app.use((request, response, next) => {
    const caller = identify(
      request.headers.authorization,
      forge.accounts,
      forge.password,
    );
    if (caller.kind === 'account') setAccount(request, caller.account);
    const gitRequest = parseGitRequest(
      new URL(request.originalUrl, context.baseUrl()),
    );
    if (caller.kind === 'refused') {
      response.set('WWW-Authenticate', 'Basic realm="Gitea"');
      next(new ApiError(401, 'invalid username, password or token'));
    } else if (gitRequest) {
      const account = caller.kind === 'account' ? caller.account : undefined;
      smartHttp.serve(gitRequest, account, request, response).catch(next);
    } else {
      next();
    }
  });
  const api = express.Router();
  api.use(express.json({ limit: '10mb' }));
  api.use(
    repositoryRoutes(context),
    contentRoutes(context),
    commitRoutes(context),
    statusRoutes(context),
    pullRoutes(context),
    reviewRoutes(context),
    mergeRoutes(context),
    protectionRoutes(context),
    hookRoutes(context),
    secretRoutes(context),
  );
  api.use((_request, _response, next) => next(ApiError.notFound('Not Found')));
  app.use('/api/v1', api);
  app.use(pageRoutes(context));
  app.use((_request, _response, next) => next(ApiError.notFound('Not Found')));
  app.use(errorResponses(context.baseUrl, log));
  return app;
}
