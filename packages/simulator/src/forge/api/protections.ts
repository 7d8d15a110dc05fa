// SPDX-License-Identifier: Apache-2.0
import PromiseRouter from 'express-promise-router';
import type { Request, Router } from 'express';
import { ForgeRepository } from '../ForgeRepository';
import { BranchProtection, newProtection } from '../protections';
import { ApiError } from './errors';
import {
  ApiContext,
  countField,
  flagField,
  listField,
  repositoryOf,
  requireAdministrator,
  textField,
} from './requests';
import { instant } from './shapes';

/** Branch protections; each is about the one branch it is named after, patterns are not known. */
export function protectionRoutes(context: ApiContext): Router {
  const router = PromiseRouter();
  const base = '/repos/:owner/:repo/branch_protections';

  router.use(base, (request, _response, next) => {
    requireAdministrator(request);
    next();
  });
  router.get(base, (request, response) => {
    const { protections } = repositoryOf(context, request);
    response.json(protections.map(protectionShape));
  });
  router.post(base, async (request, response) => {
    const repository = repositoryOf(context, request);
    const branch =
      textField(request.body, 'rule_name') ||
      textField(request.body, 'branch_name');
    if (!branch)
      throw new ApiError(400, 'both rule_name and branch_name are empty');
    if (repository.protectionOf(branch))
      throw new ApiError(403, 'Branch protection already exist');
    const now = context.forge.now().toISOString();
    const protection = changed(newProtection(branch, now), request.body, now);
    await repository.storeProtection(protection);
    response.status(201).json(protectionShape(protection));
  });
  router.get(`${base}/:name`, (request, response) => {
    const repository = repositoryOf(context, request);
    response.json(protectionShape(protectionOf(repository, request)));
  });
  router.patch(`${base}/:name`, async (request, response) => {
    const repository = repositoryOf(context, request);
    const protection = changed(
      protectionOf(repository, request),
      request.body,
      context.forge.now().toISOString(),
    );
    await repository.storeProtection(protection);
    response.json(protectionShape(protection));
  });
  router.delete(`${base}/:name`, async (request, response) => {
    const repository = repositoryOf(context, request);
    const { branch } = protectionOf(repository, request);
    await repository.removeProtection(branch);
    response.status(204).end();
  });
  return router;
}

function protectionOf(
  repository: ForgeRepository,
  request: Request,
): BranchProtection {
  const found = repository.protectionOf(request.params.name);
  if (!found) throw ApiError.notFound();
  return found;
}

/** The protection with what the body names; a list counts only where it is switched on. */
function changed(
  before: BranchProtection,
  body: unknown,
  updatedAt: string,
): BranchProtection {
  return {
    ...before,
    enablePush: flagField(body, 'enable_push') ?? before.enablePush,
    enablePushWhitelist:
      flagField(body, 'enable_push_whitelist') ?? before.enablePushWhitelist,
    pushers: listField(body, 'push_whitelist_usernames') ?? before.pushers,
    enableMergeWhitelist:
      flagField(body, 'enable_merge_whitelist') ?? before.enableMergeWhitelist,
    mergers: listField(body, 'merge_whitelist_usernames') ?? before.mergers,
    requiredApprovals:
      countField(body, 'required_approvals') ?? before.requiredApprovals,
    enableStatusCheck:
      flagField(body, 'enable_status_check') ?? before.enableStatusCheck,
    statusCheckContexts:
      listField(body, 'status_check_contexts') ?? before.statusCheckContexts,
    blockOnRejectedReviews:
      flagField(body, 'block_on_rejected_reviews') ??
      before.blockOnRejectedReviews,
    dismissStaleApprovals:
      flagField(body, 'dismiss_stale_approvals') ??
      before.dismissStaleApprovals,
    blockAdminMergeOverride:
      flagField(body, 'block_admin_merge_override') ??
      before.blockAdminMergeOverride,
    updatedAt,
  };
}

function protectionShape(protection: BranchProtection) {
  return {
    branch_name: protection.branch,
    rule_name: protection.branch,
    enable_push: protection.enablePush,
    enable_push_whitelist: protection.enablePushWhitelist,
    push_whitelist_usernames: protection.pushers,
    enable_merge_whitelist: protection.enableMergeWhitelist,
    merge_whitelist_usernames: protection.mergers,
    enable_status_check: protection.enableStatusCheck,
    status_check_contexts: protection.statusCheckContexts,
    required_approvals: protection.requiredApprovals,
    block_on_rejected_reviews: protection.blockOnRejectedReviews,
    dismiss_stale_approvals: protection.dismissStaleApprovals,
    block_admin_merge_override: protection.blockAdminMergeOverride,
    created_at: instant(new Date(protection.createdAt)),
    updated_at: instant(new Date(protection.updatedAt)),
  };
}
