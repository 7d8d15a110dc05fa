import { answerFrom } from './offline.ts';

/** What a service worker is told; the types of pages do not know it. */
interface WorkerEvent extends Event {
  readonly request: Request;
  waitUntil(work: Promise<unknown>): void;
  respondWith(answer: Promise<Response>): void;
}

const shell = [
  '/',
  '/assets/client/page.js',
  '/assets/client/Replica.js',
  '/assets/client/indexedDatabase.js',
  '/assets/sync/records.js',
];
const cacheName = 'shell';

self.addEventListener('install', event => {
  (event as WorkerEvent).waitUntil(
    caches.open(cacheName).then(cache => cache.addAll(shell)),
  );
});

self.addEventListener('fetch', event => {
  const { request } = event as WorkerEvent;
  const { origin, pathname } = new URL(request.url);
  // What is synchronised is never answered from a cache: the page knows how to wait.
  if (
    origin !== location.origin ||
    request.method !== 'GET' ||
    pathname.startsWith('/api/')
  )
    return;
  (event as WorkerEvent).respondWith(
    caches.open(cacheName).then(cache =>
      answerFrom({
        network: () => fetch(request),
        cached: () => cache.match(request),
        keep: response => cache.put(request, response),
      }),
    ),
  );
});
