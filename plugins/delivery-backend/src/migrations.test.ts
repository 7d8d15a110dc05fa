// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';

const directory = resolve(__dirname, '../migrations');
const databases = TestDatabases.create({ ids: ['POSTGRES_18', 'SQLITE_3'] });
const instant = '2026-08-20T14:00:00.000Z';

async function upTo(knex: Knex, name: string): Promise<void> {
  const [, pending] = await knex.migrate.list({ directory });
  for (const { file } of pending as { file: string }[]) {
    await knex.migrate.up({ directory });
    if (file.startsWith(name)) return;
  }
  throw new Error(`No migration ${name} was pending`);
}

async function isGone(knex: Knex, ...tables: string[]): Promise<void> {
  for (const table of tables) {
    expect([table, await knex.schema.hasTable(table)]).toEqual([table, false]);
  }
}

/** By code, because SQLite's native error class belongs to whichever test file loaded it first. */
const notUnique = {
  code: expect.stringMatching(
    /^(23505|SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY))$/,
  ),
};

const aRelease = {
  id: 'release-1',
  service: 'component:default/parcel-vision',
  version: '2.8.1',
  commit_sha: 'a'.repeat(40),
  data: '{}',
  reported_at: instant,
};

const aPromotion = {
  id: 'promotion-1',
  service: 'component:default/parcel-vision',
  stage: 'cloud-production',
  kind: 'promotion',
  phase: 'waiting',
  active: true,
  held: false,
  release_id: 'release-1',
  requested_at: instant,
  updated_at: instant,
  version: 1,
  state: '{}',
  unmet: '[]',
};

jest.setTimeout(120_000);

describe.each(databases.eachSupportedId())('migrations on %s', id => {
  it('20260820000000_releases keeps one release per version and its deliveries', async () => {
    const knex = await databases.init(id);
    await upTo(knex, '20260820000000');
    await knex('releases').insert(aRelease);
    await knex('release_deliveries').insert({
      delivery: 'delivery-1',
      body_hash: 'b'.repeat(64),
      release_id: 'release-1',
      received_at: instant,
    });
    await expect(
      knex('releases').insert({ ...aRelease, id: 'release-2' }),
    ).rejects.toMatchObject(notUnique);
    await knex.migrate.down({ directory });
    await isGone(knex, 'releases', 'release_deliveries');
    await upTo(knex, '20260820000000');
    await knex('releases').insert(aRelease);
    await expect(knex('releases').select('version')).resolves.toEqual([
      { version: '2.8.1' },
    ]);
    await knex.destroy();
  });

  it('20260820000100_event_log leaves releases alone and refuses a version twice', async () => {
    const knex = await databases.init(id);
    await upTo(knex, '20260820000000');
    await knex('releases').insert(aRelease);
    await upTo(knex, '20260820000100');
    const event = {
      stream: 'promotion/1',
      version: 1,
      type: 'requested',
      at: instant,
      actor: 'user:default/mia',
      data: '{}',
      previous_hash: '0'.repeat(64),
      hash: '1'.repeat(64),
    };
    await knex('events').insert(event);
    await expect(knex('events').insert(event)).rejects.toMatchObject(notUnique);
    await knex.migrate.down({ directory });
    await isGone(knex, 'events', 'stream_heads', 'seals', 'idempotency_keys');
    await upTo(knex, '20260820000100');
    await knex('events').insert(event);
    await expect(knex('releases').select('id')).resolves.toHaveLength(1);
    await knex.destroy();
  });

  it('20260820000200_promotions keeps the log and allows one active promotion a stage', async () => {
    const knex = await databases.init(id);
    await upTo(knex, '20260820000100');
    const head = { stream: 'promotion/1', version: 1, hash: '1'.repeat(64) };
    await knex('stream_heads').insert(head);
    await upTo(knex, '20260820000200');
    const other = { ...aPromotion, id: 'promotion-2' };
    await knex('promotions').insert(aPromotion);
    await expect(knex('promotions').insert(other)).rejects.toMatchObject(
      notUnique,
    );
    await knex('promotions').insert({ ...other, active: false });
    await knex('promotions').insert({ ...other, id: '3', stage: 'edge' });
    await knex.migrate.down({ directory });
    await isGone(knex, 'promotions', 'promotion_leases', 'stage_observations');
    await upTo(knex, '20260820000200');
    await knex('promotions').insert(aPromotion);
    await expect(knex('stream_heads').select('hash')).resolves.toEqual([
      { hash: head.hash },
    ]);
    await knex.destroy();
  });

  it('20261122000100_watched_stages keeps what was seen in stages, both ways', async () => {
    const knex = await databases.init(id);
    await upTo(knex, '20261122000000');
    const seen = {
      service: 'component:default/parcel-vision',
      stage: 'edge-staging',
      release_id: 'release-1',
      health: 'healthy',
      since: instant,
      soaked: 60_000,
      first_seen_at: instant,
      last_seen_at: instant,
    };
    await knex('stage_observations').insert(seen);
    await upTo(knex, '20261122000100');
    await expect(
      knex('stage_observations').select('stage', 'watched_since'),
    ).resolves.toEqual([{ stage: 'edge-staging', watched_since: null }]);
    await knex('stage_observations').update({ watched_since: instant });
    await knex.migrate.down({ directory });
    await expect(
      knex('stage_observations').select('stage', 'health'),
    ).resolves.toEqual([{ stage: 'edge-staging', health: 'healthy' }]);
    await expect(knex('stage_observations').insert(seen)).rejects.toMatchObject(
      notUnique,
    );
    await knex.destroy();
  });

  it('20261122000300_wave_overlays leaves waves as they are, both ways', async () => {
    const knex = await databases.init(id);
    await upTo(knex, '20261122000100');
    const wave = {
      promotion_id: 'promotion-1',
      service: 'component:default/belt-control',
      stage: 'edge-production',
      active: true,
      started_at: instant,
      version: 1,
      events: 1,
      template: '{}',
      commands: '[]',
      due_at: instant,
    };
    await knex('waves').insert(wave);
    await upTo(knex, '20261122000300');
    await expect(
      knex('waves').select('promotion_id', 'overlays'),
    ).resolves.toEqual([{ promotion_id: 'promotion-1', overlays: null }]);
    await knex('waves').update({ overlays: '{}' });
    await knex.migrate.down({ directory });
    await expect(knex('waves').select('version')).resolves.toEqual([
      { version: 1 },
    ]);
    await expect(knex('waves').insert(wave)).rejects.toMatchObject(notUnique);
    await knex.destroy();
  });

  it('20261121000200_fleet leaves canaries alone and keeps a change once a minute', async () => {
    const knex = await databases.init(id);
    await upTo(knex, '20261121000000');
    const notice = {
      cluster: 'edge',
      namespace: 'sorting',
      name: 'parcel-vision',
      at: instant,
      type: 'event',
      message: 'Advance',
    };
    await knex('canary_notices').insert(notice);
    await upTo(knex, '20261121000200');
    const change = {
      cluster: 'edge',
      name: 'oslo-pi-01',
      axis: 'connectivity',
      minute: 1,
      to_state: 'offline',
      at: instant,
    };
    const device = {
      cluster: 'edge',
      name: 'oslo-pi-01',
      axes: '{}',
      first_seen: instant,
      updated_at: instant,
    };
    await knex('fleet_history').insert(change);
    await expect(knex('fleet_history').insert(change)).rejects.toMatchObject(
      notUnique,
    );
    await knex('fleet_history').insert({ ...change, minute: 2 });
    await knex('fleet_devices').insert(device);
    await knex.migrate.down({ directory });
    await isGone(knex, 'fleet_history', 'fleet_devices');
    await upTo(knex, '20261121000200');
    await knex('fleet_devices').insert(device);
    await expect(knex('canary_notices').select('name')).resolves.toEqual([
      { name: 'parcel-vision' },
    ]);
    await knex.destroy();
  });

  it('20261121000600_evidence keeps the files of a release as they are', async () => {
    const knex = await databases.init(id);
    await upTo(knex, '20261121000600');
    await knex('releases').insert(aRelease);
    const row = {
      release_id: 'release-1',
      kind: 'junit',
      name: 'unit.junit.xml',
      bytes: 3,
      sha256: 'c'.repeat(64),
      repository: 'https://forge.example/norden/parcel-vision',
      received_at: instant,
      content: Buffer.from([0, 255, 10]),
    };
    await knex('release_evidence').insert(row);
    await expect(knex('release_evidence').insert(row)).rejects.toMatchObject(
      notUnique,
    );
    const kept = await knex('release_evidence').first('content');
    expect(Buffer.from(kept.content)).toEqual(row.content);
    await knex.migrate.down({ directory });
    await isGone(knex, 'release_evidence');
    await upTo(knex, '20261121000600');
    await knex.destroy();
  });

  it('20261121000300_device_actions keeps the log and allows one open action of a kind on a device', async () => {
    const knex = await databases.init(id);
    await upTo(knex, '20261121000200');
    const head = { stream: 'action/1', version: 1, hash: '1'.repeat(64) };
    await knex('stream_heads').insert(head);
    await upTo(knex, '20261121000300');
    const action = {
      id: 'action-1',
      kind: 'drain',
      cluster: 'edge',
      name: 'oslo-pi-01',
      batch: 'batch-1',
      phase: 'queued',
      open: true,
      requested_by: 'user:default/ivan',
      requested_at: instant,
      version: 1,
      state: '{}',
      due_at: instant,
    };
    const same = { ...action, id: 'action-2' };
    await knex('device_actions').insert(action);
    await expect(knex('device_actions').insert(same)).rejects.toMatchObject(
      notUnique,
    );
    await knex('device_actions').insert({ ...same, open: false });
    await knex('device_actions').insert({ ...same, id: '3', kind: 'logs' });
    const place = { place: 'device edge/oslo-pi-01', action_id: 'action-1' };
    await knex('device_action_places').insert(place);
    await expect(
      knex('device_action_places').insert(place),
    ).rejects.toMatchObject(notUnique);
    await knex.migrate.down({ directory });
    await isGone(
      knex,
      'device_actions',
      'device_action_places',
      'device_action_outputs',
    );
    await upTo(knex, '20261121000300');
    await knex('device_actions').insert(action);
    await expect(knex('stream_heads').select('hash')).resolves.toEqual([
      { hash: head.hash },
    ]);
    await knex.destroy();
  });
});
