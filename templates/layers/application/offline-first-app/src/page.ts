const letters: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** The page; everything else is made by its script. */
export function page(name: string): string {
  const title = name.replace(/[&<>"]/g, letter => letters[letter] ?? letter);
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="description" content="${title}: works with and without network" />
    <title>${title}</title>
    <style>
      body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 40rem; padding: 0 1rem; }
      ul { list-style: none; padding: 0; }
      :root { color-scheme: light dark; }
    </style>
    <script type="module" src="/assets/client/page.js"></script>
  </head>
  <body>
    <main>
      <h1>${title}</h1>
      <form id="add">
        <label>New <input id="text" maxlength="2000" autocomplete="off" /></label>
        <button>Add</button>
      </form>
      <ul id="records"></ul>
      <p id="state" role="status">…</p>
    </main>
  </body>
</html>
`;
}
