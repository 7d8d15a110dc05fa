import type { World } from './routes.ts';

const letters: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** The page for people who open the address of the service in a browser. */
export function page({
  name,
  outbox,
  offlineMode,
}: Pick<World, 'name' | 'outbox' | 'offlineMode'>): string {
  const title = name.replace(/[&<>"]/g, letter => letters[letter] ?? letter);
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="description" content="Status of ${title}" />
    <title>${title}</title>
    <style>
      body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 40rem; padding: 0 1rem; }
      :root { color-scheme: light dark; }
    </style>
  </head>
  <body>
    <main>
      <h1>${title}</h1>
      <p>Events that wait for the upstream: <strong>${outbox.size}</strong></p>
      <p>Offline mode is ${offlineMode ? 'on' : 'off'}.</p>
    </main>
  </body>
</html>
`;
}
