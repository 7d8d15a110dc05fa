// SPDX-License-Identifier: Apache-2.0
import { TreeEntry } from '../../git/BareRepository';
import { CommitRecord, subjectOf } from '../../git/parseCommits';

/** Text made harmless for HTML. */
export function escapeHtml(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');
}

const style = `
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem}
nav{font-size:.9rem;margin-bottom:1rem}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;padding:.35rem .75rem .35rem 0;border-bottom:1px solid #8884;vertical-align:top}
pre{overflow:auto;padding:1rem;border:1px solid #8884;border-radius:6px;font:13px/1.5 ui-monospace,monospace}
code{font-family:ui-monospace,monospace}
ins,del,b.at{display:block;text-decoration:none;font-weight:400}
ins{background:#2da44e26}del{background:#cf222e26}b.at{color:#57a}
.quiet{opacity:.75;font-size:.9rem}`;

/** A whole page: title, the way to it, and its body as HTML. */
export function page(
  title: string,
  trail: readonly (readonly [string, string])[],
  body: string,
): string {
  const links = trail
    .map(
      ([text, href]) => `<a href="${escapeHtml(href)}">${escapeHtml(text)}</a>`,
    )
    .join(' / ');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title><style>${style}</style></head>
<body><nav aria-label="Breadcrumb">${links}</nav><main><h1>${escapeHtml(
    title,
  )}</h1>
${body}
</main></body></html>
`;
}

/** An instant for a person. */
export function when(date: Date): string {
  return `<time datetime="${date.toISOString()}">${date
    .toISOString()
    .replace('T', ' ')
    .slice(0, 16)} UTC</time>`;
}

function commitRow(repository: string, commit: CommitRecord): string {
  return `<tr><td><a href="/${repository}/commit/${
    commit.sha
  }"><code>${commit.sha.slice(0, 10)}</code></a></td>
<td>${escapeHtml(subjectOf(commit.message))}</td><td>${escapeHtml(
    commit.author.name,
  )}</td><td>${when(commit.author.date)}</td></tr>`;
}

/** The list of repositories. */
export function forgePage(
  repositories: readonly { fullName: string; description: string }[],
): string {
  const rows = repositories
    .map(
      ({ fullName, description }) =>
        `<tr><td><a href="/${fullName}">${escapeHtml(
          fullName,
        )}</a></td><td>${escapeHtml(description)}</td></tr>`,
    )
    .join('\n');
  return page('Repositories', [], `<table>${rows}</table>`);
}

/** Files and latest commits of a repository. */
export function repositoryPage(options: {
  readonly repository: string;
  readonly description: string;
  readonly cloneUrl: string;
  readonly branch: string;
  readonly entries: readonly TreeEntry[];
  readonly commits: readonly CommitRecord[];
}): string {
  const { repository, branch } = options;
  return page(
    repository,
    [['Repositories', '/']],
    `<p>${escapeHtml(
      options.description,
    )}</p><p class="quiet">git clone <code>${escapeHtml(
      options.cloneUrl,
    )}</code></p>
<h2>Files on ${escapeHtml(branch)}</h2>${entryTable(
      repository,
      branch,
      options.entries,
    )}
<h2>Latest commits</h2><table>${options.commits
      .map(commit => commitRow(repository, commit))
      .join('\n')}</table>`,
  );
}

function entryTable(
  repository: string,
  branch: string,
  entries: readonly TreeEntry[],
): string {
  const sorted = [...entries].sort(
    (a, b) =>
      Number(a.kind === 'blob') - Number(b.kind === 'blob') ||
      a.path.localeCompare(b.path),
  );
  const row = ({ path, kind }: TreeEntry) =>
    `<tr><td><a href="/${repository}/src/branch/${escapeHtml(
      branch,
    )}/${escapeHtml(path)}">${escapeHtml(path.split('/').at(-1) ?? path)}${
      kind === 'blob' ? '' : '/'
    }</a></td></tr>`;
  return `<table>${sorted.map(row).join('\n')}</table>`;
}

/** One file or folder. */
export function sourcePage(options: {
  readonly repository: string;
  readonly branch: string;
  readonly path: string;
  readonly content:
    | { readonly kind: 'file'; readonly text: string }
    | { readonly kind: 'folder'; readonly entries: readonly TreeEntry[] };
}): string {
  const { repository, branch, path, content } = options;
  const body =
    content.kind === 'file'
      ? `<pre>${escapeHtml(content.text)}</pre>`
      : entryTable(repository, branch, content.entries);
  return page(
    path || repository,
    [
      ['Repositories', '/'],
      [repository, `/${repository}`],
    ],
    body,
  );
}

/** The history of a branch. */
export function historyPage(
  repository: string,
  branch: string,
  commits: readonly CommitRecord[],
): string {
  return page(
    `Commits of ${branch}`,
    [
      ['Repositories', '/'],
      [repository, `/${repository}`],
    ],
    `<table>${commits
      .map(commit => commitRow(repository, commit))
      .join('\n')}</table>`,
  );
}

/** A commit with message, trailers and diff. */
export function commitPage(options: {
  readonly repository: string;
  readonly commit: CommitRecord;
  readonly patch: string;
  readonly statuses: readonly {
    context: string;
    state: string;
    description: string;
    targetUrl: string;
  }[];
}): string {
  const { repository, commit, patch, statuses } = options;
  const body = commit.message.split('\n').slice(1).join('\n').trim();
  const parents = commit.parents
    .map(
      sha =>
        `<a href="/${repository}/commit/${sha}"><code>${sha.slice(
          0,
          10,
        )}</code></a>`,
    )
    .join(' ');
  const checks = statuses
    .map(
      ({ context, state, description, targetUrl }) =>
        `<tr><td>${checkLink(context, targetUrl)}</td><td>${escapeHtml(
          state,
        )}</td><td>${escapeHtml(description)}</td></tr>`,
    )
    .join('\n');
  return page(
    subjectOf(commit.message),
    [
      ['Repositories', '/'],
      [repository, `/${repository}`],
    ],
    `<p class="quiet"><code>${commit.sha}</code>${
      parents ? `, parent ${parents}` : ''
    }</p>
<p>${escapeHtml(commit.author.name)} &lt;${escapeHtml(
      commit.author.email,
    )}&gt;, ${when(commit.author.date)}${
      commit.committer.name === commit.author.name
        ? ''
        : `, committed by ${escapeHtml(commit.committer.name)}`
    }</p>
${body ? `<pre>${escapeHtml(body)}</pre>` : ''}${
      checks ? `<h2>Checks</h2><table>${checks}</table>` : ''
    }
<h2>Changes</h2><pre>${colouredPatch(patch)}</pre>`,
  );
}

/** The name of a check, with the way to what it did; other schemes than the web's are no links. */
function checkLink(context: string, targetUrl: string): string {
  const name = escapeHtml(context);
  return /^https?:\/\//.test(targetUrl)
    ? `<a href="${escapeHtml(targetUrl)}">${name}</a>`
    : name;
}

function colouredPatch(patch: string): string {
  return patch
    .split('\n')
    .map(line => {
      const text = escapeHtml(line);
      if (line.startsWith('@@')) return `<b class="at">${text}</b>`;
      if (line.startsWith('+') && !line.startsWith('+++'))
        return `<ins>${text}</ins>`;
      if (line.startsWith('-') && !line.startsWith('---'))
        return `<del>${text}</del>`;
      return `${text}\n`;
    })
    .join('');
}

/** What to show when there is nothing at an address. */
export function missingPage(address: string): string {
  return page(
    'Not found',
    [['Repositories', '/']],
    `<p>There is nothing at <code>${escapeHtml(address)}</code>.</p>`,
  );
}
