// SPDX-License-Identifier: Apache-2.0
import { escapeHtml, page, when } from '../forge/pages/pages';
import type { Job, Run } from './Run';

/** A run with its jobs and what they have left behind, for a person. */
export function runPage(run: Run): string {
  const { repository, commit } = run;
  const rows = run.jobs.map(job => jobRow(run, job)).join('\n');
  const started = when(new Date(run.startedAt));
  return page(
    `Run ${run.number}: ${run.state}`,
    [
      ['Repositories', '/'],
      [repository, `/${repository}`],
    ],
    `<p>Version ${escapeHtml(run.version)} of commit <a href="/${escapeHtml(
      repository,
    )}/commit/${commit.sha}"><code>${commit.sha.slice(
      0,
      10,
    )}</code></a> by ${escapeHtml(commit.author)}</p>
<p class="quiet">Started ${started}${
      run.finishedAt ? `, ended ${when(new Date(run.finishedAt))}` : ''
    }</p>
${run.problem ? `<p role="alert">${escapeHtml(run.problem)}</p>` : ''}
<table><thead><tr><th>Job</th><th>State</th><th>Took</th><th>Needs</th><th>Evidence</th></tr></thead>
<tbody>${rows}</tbody></table>`,
  );
}

function jobRow(run: Run, job: Job): string {
  const files = (run.evidence ?? [])
    .filter(file => file.job === job.name)
    .map(
      ({ name, url }) =>
        `<a href="${escapeHtml(new URL(url).pathname)}">${escapeHtml(
          name,
        )}</a>`,
    );
  return `<tr><td>${escapeHtml(job.name)}</td><td>${job.state}</td><td>${took(
    job,
  )}</td><td class="quiet">${escapeHtml(needs(job))}</td><td>${files.join(
    ' ',
  )}</td></tr>`;
}

function took({ startedAt, finishedAt }: Job): string {
  if (!startedAt || !finishedAt) return '';
  const milliseconds =
    new Date(finishedAt).getTime() - new Date(startedAt).getTime();
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** Long lists are counted: the last job needs every build. */
function needs({ needs: names = [] }: Job): string {
  return names.length > 2 ? `${names.length} jobs` : names.join(', ');
}
