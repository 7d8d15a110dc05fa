// SPDX-License-Identifier: Apache-2.0
import PromiseRouter from 'express-promise-router';
import type { Router } from 'express';
import { evidenceFile } from './evidence/evidence';
import type { Run } from './Run';
import { runPage } from './runPage';

/**
 * What CI shows, for reading only:
 *
 * - `GET /runs`: runs, newest first; `?repository=owner/name` for one repository;
 * - `GET /runs/ID`: one run, as a page for browsers and as JSON for everybody else;
 * - `GET /runs/ID/evidence/NAME`: a file that one of its jobs has left behind.
 */
export function ciRoutes(runs: () => readonly Run[]): Router {
  const router = PromiseRouter();
  const runOf = (id: string) => runs().find(run => run.id === id);

  router.get('/runs', (request, response) => {
    const { repository } = request.query;
    response.json(
      runs().filter(
        run => repository === undefined || run.repository === repository,
      ),
    );
  });
  router.get('/runs/:id', (request, response) => {
    const run = runOf(request.params.id);
    if (!run) {
      response
        .status(404)
        .json({ message: `There is no run ${request.params.id}` });
    } else if (request.accepts(['json', 'html']) === 'html') {
      response.type('html').send(runPage(run));
    } else {
      response.type('json').send(`${JSON.stringify(run, undefined, 2)}\n`);
    }
  });
  router.get('/runs/:id/evidence/:name', (request, response) => {
    const { id, name } = request.params;
    const run = runOf(id);
    const file = run && evidenceFile(run, name);
    if (file) response.type(file.mediaType).send(file.text);
    else
      response
        .status(404)
        .json({ message: `Run ${id} has no evidence named ${name}` });
  });
  return router;
}
