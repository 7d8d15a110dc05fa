// SPDX-License-Identifier: Apache-2.0
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { releaseKey } from '@causeway/plugin-delivery-node';
import { aReport, openPortal, releaseSecret } from './__testUtils__/portal';

jest.setTimeout(120_000);

const junit = '<testsuites tests="2"><testsuite name="belt"/></testsuites>';
const { repository } = aReport('2.8.0');

describe('the evidence of a release', () => {
  let portal: Awaited<ReturnType<typeof openPortal>>;
  let release: string;
  beforeAll(async () => {
    portal = await openPortal();
    release = portal.releases['2.8.0'];
  });

  /** CI sends a file; each option is a way to get it wrong. */
  async function send(
    content: string | Buffer,
    how: {
      kind?: string;
      name?: string;
      secret?: string;
      release?: string;
      repository?: string;
      seconds?: number;
      signedFor?: string | Buffer;
      stream?: boolean;
    } = {},
  ) {
    const { kind = 'junit', name = 'unit.junit.xml' } = how;
    const of = how.release ?? release;
    const timestamp = String(how.seconds ?? Math.floor(Date.now() / 1000));
    const checksum = `sha256=${createHash('sha256')
      .update(how.signedFor ?? content)
      .digest('hex')}`;
    const signature = createHmac(
      'sha256',
      how.secret ?? releaseKey(releaseSecret, repository),
    )
      .update([timestamp, of, kind, name, checksum].join('.'))
      .digest('hex');
    const response = await fetch(
      `${portal.url}/releases/${of}/evidence/${kind}?name=${name}`,
      {
        method: 'POST',
        headers: {
          'X-Causeway-Repository': how.repository ?? repository,
          'X-Causeway-Timestamp': timestamp,
          'X-Causeway-Checksum': checksum,
          'X-Causeway-Signature': `sha256=${signature}`,
        },
        ...(how.stream
          ? {
              body: Readable.toWeb(
                Readable.from(pieces(Buffer.from(content))),
              ) as ReadableStream,
              duplex: 'half' as const,
            }
          : { body: content }),
      } as RequestInit,
    );
    return { status: response.status, body: await response.json() };
  }

  it('is kept once, listed, and given back byte by byte', async () => {
    const first = await send(junit);
    expect(first).toMatchObject({
      status: 201,
      body: {
        kind: 'junit',
        name: 'unit.junit.xml',
        bytes: junit.length,
        repository,
      },
    });
    expect(await send(junit)).toMatchObject({ status: 200 });
    expect(await send(junit.replace('2', '3'))).toMatchObject({
      status: 409,
      body: { error: { code: 'evidenceExists' } },
    });
    const large = Buffer.from(
      `{"version":"2.1.0","runs":[],"x":"${randomBytes(2_000_000).toString(
        'hex',
      )}"}`,
    );
    expect(
      await send(large, { kind: 'sarif', name: 'scan.sarif', stream: true }),
    ).toMatchObject({ status: 201 });

    const { body } = await portal
      .as('mia')
      .get(`/releases/${release}/evidence`);
    expect(
      body.items.map((item: { kind: string; bytes: number }) => [
        item.kind,
        item.bytes,
      ]),
    ).toEqual([
      ['junit', junit.length],
      ['sarif', large.length],
    ]);
    const client = portal.clientOf('mia');
    const file = await client.getEvidenceFile(release, 'sarif', 'scan.sarif');
    expect(Buffer.from(await file.arrayBuffer()).equals(large)).toBe(true);
    const raw = await portal
      .as('mia')
      .get(`/releases/${release}/evidence/junit/unit.junit.xml`);
    expect(raw.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment; filename="unit.junit.xml"',
      'x-content-type-options': 'nosniff',
    });
  });

  it('is shown to nobody who is not signed in', async () => {
    for (const path of ['', '/junit/unit.junit.xml']) {
      const { status } = await portal.anonymously(
        `/releases/${release}/evidence${path}`,
      );
      expect(status).toBe(401);
    }
  });

  it.each<[string, Parameters<typeof send>[1], number, string]>([
    ['a wrong secret', { secret: 'guessed' }, 401, 'badSignature'],
    [
      "another repository's key",
      { secret: releaseKey(releaseSecret, `${repository}-2`) },
      401,
      'badSignature',
    ],
    ['an old signature', { seconds: 1_000_000 }, 401, 'staleReport'],
    ['a release that is not known', { release: 'none' }, 404, 'unknownRelease'],
    ['other bytes', { signedFor: 'x' }, 422, 'wrongChecksum'],
    ['a wrong kind', { kind: 'lighthouse' }, 422, 'badEvidence'],
    ['no kind', { kind: 'screenshot' }, 422, 'badEvidence'],
    ['a name with a way in it', { name: '..%2Fetc' }, 400, 'badRequest'],
  ])('refuses %s', async (_what, how, status, code) => {
    const answer = await send(junit, { name: 'refused.xml', ...how });
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  });

  it.each([true, false])(
    'refuses what is too large, and says the limit (streamed: %s)',
    async stream => {
      const answer = await send(Buffer.alloc(11 * 1024 * 1024, 'a'), {
        name: 'large.xml',
        stream,
      });
      expect(answer).toMatchObject({
        status: 413,
        body: {
          error: {
            code: 'evidenceTooLarge',
            message: expect.stringContaining('10485760 bytes'),
          },
        },
      });
    },
  );

  it('is bounded in number', async () => {
    const other = portal.releases['2.7.0'];
    const statuses: { status: number }[] = [];
    for (let batch = 0; batch < 13; batch += 1) {
      statuses.push(
        ...(await Promise.all(
          [0, 1, 2, 3].map(index =>
            send(junit, { release: other, name: `${batch}-${index}.xml` }),
          ),
        )),
      );
    }
    expect(statuses.filter(({ status }) => status === 201)).toHaveLength(50);
    expect(statuses.filter(({ status }) => status === 409)).toHaveLength(2);
  });
});

function* pieces(content: Buffer) {
  for (let at = 0; at < content.length; at += 65_536) {
    yield content.subarray(at, at + 65_536);
  }
}
