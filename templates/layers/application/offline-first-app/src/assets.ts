import { readFile } from 'node:fs/promises';
import type { Handler } from './http/answers.ts';

const folder = new URL('../dist/', import.meta.url);
const modules = [
  'client/page.js',
  'client/Replica.js',
  'client/indexedDatabase.js',
  'sync/records.js',
] as const;

/** The scripts of the page, and its service worker, as the build left them. */
export function assetRoutes(): readonly (readonly [string, Handler])[] {
  return [
    ...modules.map(path => [`GET /assets/${path}`, script(path)] as const),
    // A service worker answers only for what lies below its own address.
    ['GET /worker.js', script('client/worker.js')],
    ['GET /offline.js', script('client/offline.js')],
  ];
}

function script(path: string): Handler {
  return async () => ({
    status: 200,
    type: 'text/javascript; charset=utf-8',
    // The worker keeps what it needs; others ask whether there is something new.
    cacheControl: 'no-cache',
    body: await readFile(new URL(path, folder)),
  });
}
