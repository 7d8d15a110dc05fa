import type { SyncAnswer } from '../sync/messages.ts';
import type { SharedRecord } from '../sync/records.ts';
import { indexedDatabase } from './indexedDatabase.ts';
import { Replica, type Transport } from './Replica.ts';

const replica = await Replica.open(indexedDatabase('records'), () =>
  crypto.randomUUID(),
);

const transport: Transport = async request => {
  const response = await fetch('/api/sync', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  return (await response.json()) as SyncAnswer;
};

function element<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no ${id}.`);
  return found as T;
}

const list = element<HTMLUListElement>('records');
const state = element<HTMLParagraphElement>('state');
const text = element<HTMLInputElement>('text');

function row(record: SharedRecord): HTMLLIElement {
  const item = document.createElement('li');
  const label = document.createElement('label');
  const box = document.createElement('input');
  box.type = 'checkbox';
  box.checked = record.fields.done.value;
  box.addEventListener(
    'change',
    () => void act(replica.edit(record.id, { done: box.checked })),
  );
  label.append(box, ` ${record.fields.text.value}`);
  item.append(label);
  for (const { field, value } of record.conflicts) {
    const choose = document.createElement('button');
    choose.textContent = `Somebody else wrote “${String(value)}”: take it`;
    choose.addEventListener(
      'click',
      () => void act(replica.settle(record.id, { [field]: value })),
    );
    const keep = document.createElement('button');
    keep.textContent = 'Keep this';
    keep.addEventListener(
      'click',
      () =>
        void act(
          replica.settle(record.id, { [field]: record.fields[field].value }),
        ),
    );
    item.append(' ', choose, ' ', keep);
  }
  return item;
}

function show(online: boolean): void {
  list.replaceChildren(...replica.view().map(row));
  const waiting =
    replica.waiting === 0
      ? 'everything is saved'
      : `${replica.waiting} changes wait`;
  state.textContent = `${online ? 'Connected' : 'No network'}, ${waiting}.`;
}

async function synchronise(): Promise<void> {
  show(await replica.sync(transport));
}

async function act(change: Promise<void>): Promise<void> {
  await change;
  show(navigator.onLine);
  await synchronise();
}

element<HTMLFormElement>('add').addEventListener('submit', event => {
  event.preventDefault();
  const written = text.value.trim();
  text.value = '';
  if (written !== '') void act(replica.add(written));
});
window.addEventListener('online', () => void synchronise());
window.addEventListener('offline', () => show(false));
setInterval(() => void synchronise(), 10_000);
await navigator.serviceWorker.register('/worker.js', { type: 'module' });
await synchronise();
