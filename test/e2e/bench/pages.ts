// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { Browser, Page, Response } from 'playwright-core';
import { launchBrowser } from '../src/launchBrowser';
import { Visitor } from '../src/Visitor';

/**
 * Opens pages of a running portal in a browser: weighs the JavaScript that each adds to the page of an entity,
 * ours and that of the Kubernetes plugin, and drags the map of the fleet with many more sites than it has.
 *
 *   npm run bench:pages [-- --address http://localhost:7007 --service parcel-vision --sites 10000]
 *
 * Prints two tables in Markdown: kB after gzip, without and with the coasts of the map; milliseconds between frames.
 */
const { values: options } = parseArgs({
  options: {
    address: { type: 'string', default: 'http://localhost:7007' },
    service: { type: 'string', default: 'parcel-vision' },
    sites: { type: 'string', default: '10000' },
  },
});
const entity = `/catalog/default/component/${options.service}`;
const sites = Number(options.sites);

/** Time for what a page loads after it shows itself, in milliseconds. */
const afterwards = 2_500;
/** A drag: so many moves, with so many milliseconds between them. */
const drag = { moves: 200, pause: 8 };

interface Script {
  readonly bytes: number;
  readonly isMap: boolean;
}

async function weigh(response: Response): Promise<Script> {
  const body = await response.body();
  return {
    bytes: gzipSync(body).length,
    isMap: body.includes('"type":"Topology"'),
  };
}

/** The scripts that opening an address brings, by their own addresses. */
async function scriptsOf(
  browser: Browser,
  path: string,
  isOpen: (page: Page) => Promise<unknown>,
): Promise<ReadonlyMap<string, Script>> {
  const { page } = await signedIn(browser);
  const scripts = new Map<string, Promise<Script>>();
  page.on('response', response => {
    const { pathname } = new URL(response.url());
    if (pathname.endsWith('.js')) scripts.set(pathname, weigh(response));
  });
  await page.goto(`${options.address}${path}`);
  await isOpen(page);
  await page.waitForTimeout(afterwards);
  const weighed = await Promise.all(
    [...scripts].map(async ([name, script]) => [name, await script] as const),
  );
  await page.context().close();
  return new Map(weighed);
}

async function signedIn(browser: Browser): Promise<Visitor> {
  const visitor = await Visitor.arrive(browser, options.address);
  await visitor.signInAs('Ines');
  return visitor;
}

async function weighPages(browser: Browser): Promise<void> {
  const before = await scriptsOf(browser, entity, page =>
    page.getByText('About').first().waitFor(),
  );
  const pages = [
    [
      'Pipeline of a service',
      `${entity}/pipeline`,
      (page: Page) =>
        page.getByRole('list', { name: 'Pipeline stages' }).waitFor(),
    ],
    [
      'fleet, with its map',
      '/fleet',
      (page: Page) =>
        page.getByRole('region', { name: 'Map of sites' }).waitFor(),
    ],
    [
      'Kubernetes plugin: the same service',
      `${entity}/kubernetes`,
      (page: Page) => page.getByText('Your Clusters').waitFor(),
    ],
  ] as const;
  say('| page | kB of code | kB of coasts |\n| --- | --: | --: |');
  for (const [name, path, isOpen] of pages) {
    const scripts = await scriptsOf(browser, path, isOpen);
    const added = [...scripts].filter(([script]) => !before.has(script));
    const kilobytes = (isMap: boolean) =>
      Math.round(
        added
          .filter(([, script]) => script.isMap === isMap)
          .reduce((sum, [, { bytes }]) => sum + bytes, 0) / 1_000,
      );
    say(`| ${name} | ${kilobytes(false)} | ${kilobytes(true)} |`);
  }
}

interface Columns {
  readonly columns: Readonly<Record<string, readonly unknown[]>>;
}

/** The same sites again and again, each with a name and a place of its own, all over Europe. */
function multiplied(answer: Columns): Columns {
  const known = answer.columns.id.length;
  const own: Readonly<Record<string, (index: number) => unknown>> = {
    id: index => `${answer.columns.id[index % known]}-${index}`,
    name: index => `${answer.columns.name[index % known]} ${index}`,
    // Two irrational steps fill a plane evenly.
    longitude: index => -10 + ((index * 0.618034) % 1) * 40,
    latitude: index => 36 + ((index * 0.754878) % 1) * 25,
  };
  const columns = Object.entries(answer.columns).map(([name, values]) => [
    name,
    Array.from(
      { length: sites },
      (_, index) => own[name]?.(index) ?? values[index % known],
    ),
  ]);
  return { ...answer, columns: Object.fromEntries(columns) };
}

async function dragMap(browser: Browser): Promise<void> {
  const { page } = await signedIn(browser);
  await page.route('**/api/delivery/fleet/sites**', async route => {
    const response = await route.fetch();
    // Nothing has changed since the browser asked last.
    if (response.status() === 304) {
      await route.fulfill({ response });
      return;
    }
    const body = JSON.stringify(multiplied(await response.json()));
    await route.fulfill({ response, body });
  });
  const began = performance.now();
  await page.goto(`${options.address}/fleet?view=map`);
  const map = page.getByRole('region', { name: 'Map of sites' });
  await map.getByRole('list').getByRole('button').first().waitFor();
  const opened = performance.now() - began;
  await page.waitForTimeout(afterwards);
  const box = await map.boundingBox();
  if (!box) throw new Error('The map has no place on the page.');
  const centre = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  say(
    `\n${sites} sites, all seen ${Math.round(
      opened,
    )} ms after the address was opened.\n`,
  );
  say(
    '| a drag over | marks | between frames, P50 / P95 / longest, ms |\n| --- | --: | --: |',
  );
  for (const name of ['the whole', 'a part', 'a part of that']) {
    const marks = await map.getByRole('list').getByRole('button').count();
    const gaps = await gapsWhile(page, () => dragAround(page, centre));
    const at = (share: number) =>
      gaps[Math.ceil(share * gaps.length) - 1].toFixed(1);
    say(`| ${name} | ${marks} | ${at(0.5)} / ${at(0.95)} / ${at(1)} |`);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -600);
    await page.keyboard.up('Control');
    await page.waitForTimeout(afterwards);
  }
}

async function dragAround(
  page: Page,
  centre: { readonly x: number; readonly y: number },
): Promise<void> {
  await page.mouse.move(centre.x, centre.y);
  await page.mouse.down();
  for (let move = 1; move <= drag.moves; move++) {
    const angle = (move / drag.moves) * 4 * Math.PI;
    await page.mouse.move(
      centre.x + Math.sin(angle) * 150,
      centre.y + (1 - Math.cos(angle)) * 80,
    );
    await page.waitForTimeout(drag.pause);
  }
  await page.mouse.up();
}

/** Milliseconds between the frames that the browser draws meanwhile, the shortest first. */
async function gapsWhile(
  page: Page,
  act: () => Promise<void>,
): Promise<readonly number[]> {
  const frames = await page.evaluateHandle(() => {
    const times: number[] = [];
    const note = (time: number) => {
      times.push(time);
      requestAnimationFrame(note);
    };
    requestAnimationFrame(note);
    return times;
  });
  await act();
  const times = await frames.jsonValue();
  return times
    .slice(1)
    .map((time, index) => time - times[index])
    .sort((one, other) => one - other);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function run(): Promise<void> {
  const browser = await launchBrowser();
  try {
    await weighPages(browser);
    await dragMap(browser);
  } finally {
    await browser.close();
  }
}

run().catch(error => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
