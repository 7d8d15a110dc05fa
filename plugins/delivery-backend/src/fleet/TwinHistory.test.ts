// SPDX-License-Identifier: Apache-2.0
import type { TwinChange } from '@causeway/plugin-delivery-common';
import { EmptyDatabases } from '../database/__testUtils__/EmptyDatabases';
import { silentLogger } from '../testing/silentLogger';
import { TwinHistory } from './TwinHistory';

/** Real databases, on machines that may be busy. */
jest.setTimeout(120_000);

const databases = EmptyDatabases.create();
const now = Date.parse('2026-07-01T12:00:00Z');

const change = (property: string, value: string): TwinChange => ({
  cluster: 'edge',
  node: 'pi-1',
  namespace: 'boards',
  device: 'lamp-1',
  property,
  kind: 'reported',
  at: now,
  value,
});

it.each(databases.eachSupportedId())(
  'keeps on %s what devices report, whatever it is, and what others report beside it',
  async id => {
    const history = new TwinHistory({
      database: await databases.take(id),
      clock: () => new Date(now),
      logger: silentLogger,
      retention: 86_400_000,
    });
    const zeros = { zero: 'on\0off', 'zero\0name': 'on' };
    const hostile = {
      ansi: '\u001b[2J\r\nlevel=error msg="gone"',
      code: `'); drop table fleet_twins; -- <img src=x onerror=alert(1)>`,
      long: 'x'.repeat(1_000),
      number: 'NaN',
    };
    history.note(
      Object.entries({ ...zeros, ...hostile }).map(([name, value]) =>
        change(name, value),
      ),
    );
    history.note([change('brightness', '50')]);
    await history.stop();
    const kept = await history.of('edge', 'pi-1');
    const values = new Map(
      kept.map(({ property, value }) => [property, value]),
    );
    expect(Object.fromEntries(values)).toEqual({
      ...hostile,
      zero: 'onoff',
      zeroname: 'on',
      brightness: '50',
    });
  },
);
