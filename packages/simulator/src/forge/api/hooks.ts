// SPDX-License-Identifier: Apache-2.0
import PromiseRouter from 'express-promise-router';
import type { Request, Router } from 'express';
import { ForgeRepository } from '../ForgeRepository';
import { Hook, HookEvent, hookEvents } from '../records';
import { ApiError } from './errors';
import {
  ApiContext,
  flagField,
  listField,
  repositoryOf,
  requireAdministrator,
  requiredField,
  textField,
} from './requests';
import { instant } from './shapes';

/** Webhooks of repositories. Only `gitea` hooks with JSON bodies exist. */
export function hookRoutes(context: ApiContext): Router {
  const router = PromiseRouter();
  const base = '/repos/:owner/:repo/hooks';

  router.use(base, (request, _response, next) => {
    requireAdministrator(request);
    next();
  });
  router.get(base, (request, response) => {
    const { hooks } = repositoryOf(context, request);
    response.set('X-Total-Count', String(hooks.length));
    response.json(hooks.map(hookShape));
  });
  router.post(base, async (request, response) => {
    const repository = repositoryOf(context, request);
    const type = requiredField(request.body, 'type');
    if (type !== 'gitea') throw new ApiError(422, `Invalid hook type: ${type}`);
    const { config } = request.body;
    const hook = await repository.addHook({
      url: addressOf(config),
      secret: textField(config, 'secret') ?? '',
      active: flagField(request.body, 'active') ?? false,
      events: eventsOf(request.body) ?? ['push'],
      createdAt: context.forge.now().toISOString(),
    });
    response.status(201).json(hookShape(hook));
  });
  router.get(`${base}/:id`, (request, response) => {
    response.json(hookShape(hookOf(repositoryOf(context, request), request)));
  });
  router.patch(`${base}/:id`, async (request, response) => {
    const repository = repositoryOf(context, request);
    const hook = hookOf(repository, request);
    const { config } = request.body;
    const changed: Hook = {
      ...hook,
      url: config?.url === undefined ? hook.url : addressOf(config),
      secret: textField(config, 'secret') ?? hook.secret,
      active: flagField(request.body, 'active') ?? hook.active,
      events: eventsOf(request.body) ?? hook.events,
    };
    await repository.replaceHook(changed);
    response.json(hookShape(changed));
  });
  router.delete(`${base}/:id`, async (request, response) => {
    const repository = repositoryOf(context, request);
    await repository.removeHook(hookOf(repository, request).id);
    response.status(204).end();
  });
  return router;
}

function hookOf(repository: ForgeRepository, request: Request): Hook {
  const found = repository.hooks.find(
    ({ id }) => id === Number(request.params.id),
  );
  if (!found) throw ApiError.notFound();
  return found;
}

function addressOf(config: unknown): string {
  const url = textField(config, 'url');
  if (url === undefined) throw new ApiError(422, 'Missing config option: url');
  const type = textField(config, 'content_type');
  if (type === undefined)
    throw new ApiError(422, 'Missing config option: content_type');
  if (type !== 'json') throw new ApiError(422, 'Invalid content type');
  if (!/^https?:\/\/./.test(url)) throw new ApiError(422, 'Invalid url');
  return url;
}

/** Events outside the known ones are dropped, as hooks of real forges name many. */
function eventsOf(body: unknown): readonly HookEvent[] | undefined {
  const named = listField(body, 'events');
  return (
    named && hookEvents.filter(event => named.some(name => covers(name, event)))
  );
}

/** `pull_request` means reviews and new commits too; Gitea calls the narrow one `pull_request_only`. */
function covers(name: string, event: HookEvent): boolean {
  if (name === 'pull_request') return event.startsWith('pull_request');
  if (name === 'pull_request_only') return event === 'pull_request';
  return name === event;
}

function hookShape(hook: Hook) {
  const createdAt = instant(new Date(hook.createdAt));
  return {
    id: hook.id,
    name: '',
    type: 'gitea',
    branch_filter: '',
    // The secret is never shown.
    config: { content_type: 'json', url: hook.url },
    events: hook.events ?? ['push'],
    authorization_header: '',
    active: hook.active,
    updated_at: createdAt,
    created_at: createdAt,
  };
}
