import type { Kept, Storage } from './Replica.ts';

const key = 'replica';

/** Keeps a replica in the browser's database. */
export function indexedDatabase(name: string): Storage {
  const opened = new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore('kept');
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('No storage.'));
  });
  return {
    async read() {
      const store = (await opened).transaction('kept').objectStore('kept');
      return new Promise((resolve, reject) => {
        const request = store.get(key) as IDBRequest<Kept | undefined>;
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('Not read.'));
      });
    },
    async write(kept) {
      const transaction = (await opened).transaction('kept', 'readwrite');
      transaction.objectStore('kept').put(kept, key);
      return new Promise((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onabort = () =>
          reject(transaction.error ?? new Error('Not kept.'));
      });
    },
  };
}
