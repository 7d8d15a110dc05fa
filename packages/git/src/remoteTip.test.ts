// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { TestRepository } from './__testUtils__/TestRepository';
import { packet, parsePackets } from './packets';
import { remoteTip, tipIn } from './remoteTip';

/** Real processes, on machines that may be busy. */
jest.setTimeout(180_000);

const [a, b] = ['a', 'b'].map(digit => digit.repeat(40));
const answer = (...lines: string[]) =>
  Buffer.concat([...lines.map(packet), packet('flush')]);

describe('tipIn', () => {
  it.each([
    ['refs/heads/main', [`${a} refs/heads/main\n`], a],
    [
      'refs/heads/main',
      [`${b} refs/heads/main-next\n`, `${a} refs/heads/main\n`],
      a,
    ],
    ['refs/tags/v1', [`${a} refs/tags/v1 peeled:${b}\n`], b],
    ['refs/heads/main', [`${b} refs/heads/main-next\n`], undefined],
    ['refs/heads/main', [], undefined],
    ['refs/heads/main', [`${a} refs/heads/main\n`, 'ERR moved\n'], undefined],
    ['refs/heads/main', [`${a.slice(1)} refs/heads/main\n`], undefined],
  ])('finds %s in %j', (reference, lines, expected) => {
    expect(tipIn(answer(...lines), reference)).toBe(expected);
  });

  it('takes nothing but whole answers', () => {
    const whole = answer(`${a} refs/heads/main\n`);
    for (let length = 0; length < whole.length; length += 1) {
      expect(
        tipIn(whole.subarray(0, length), 'refs/heads/main'),
      ).toBeUndefined();
    }
    const more = Buffer.concat([whole, whole]);
    expect(tipIn(more, 'refs/heads/main')).toBeUndefined();
  });

  it('never fails, whatever is said', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        expect(tipIn(Buffer.from(bytes), 'refs/heads/main')).toBeUndefined();
      }),
    );
  });
});

it('packets are read as they were written', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), lines => {
      const bytes = Buffer.concat(lines.map(packet));
      expect(parsePackets(bytes)?.map(String)).toEqual(lines);
    }),
  );
});

describe('remoteTip', () => {
  let repository: TestRepository;
  let server: Server;
  let respond: RequestListener;
  let url: string;

  /** The real program behind the real protocol. */
  const serve: RequestListener = (request, response) => {
    const child = spawn(
      'git',
      ['upload-pack', '--stateless-rpc', repository.directory],
      {
        env: {
          ...repository.environment(),
          GIT_PROTOCOL: String(request.headers['git-protocol']),
        },
      },
    );
    const type = 'application/x-git-upload-pack-result';
    response.setHeader('content-type', type);
    request.pipe(child.stdin);
    child.stdout.pipe(response);
  };

  beforeEach(async () => {
    repository = await TestRepository.create();
    server = createServer((request, response) => respond(request, response));
    await new Promise<void>(done => {
      server.listen(0, '127.0.0.1', done);
    });
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    respond = serve;
  });
  afterEach(async () => {
    await new Promise(done => {
      server.close(done);
      server.closeAllConnections();
    });
    await repository.remove();
  });

  const tip = (reference: string, authorization?: string) =>
    remoteTip({
      url,
      reference,
      authorization,
      signal: AbortSignal.timeout(30_000),
    });

  it('is what a real server says now', async () => {
    const first = await repository.commit({ a: 'a' });
    await repository.git(['branch', 'main-next', first]);
    const second = await repository.commit({ a: 'b' });
    await repository.git(['tag', '-a', '-m', 'One', 'v1', first]);
    expect(await tip('refs/heads/main')).toBe(second);
    expect(await tip('refs/heads/main-next')).toBe(first);
    expect(await tip('refs/tags/v1')).toBe(first);
    expect(await tip('refs/heads/ma')).toBeUndefined();
    expect(await tip('refs/heads/main\n')).toBeUndefined();
    const third = await repository.commit({ a: 'c' });
    expect(await tip('refs/heads/main')).toBe(third);
  });

  const good = answer(`${a} refs/heads/main\n`);
  const type = { 'content-type': 'application/x-git-upload-pack-result' };
  it.each<[string, RequestListener]>([
    [
      'refuses',
      (_request, response) => response.writeHead(401, type).end(good),
    ],
    [
      'is a page',
      (_request, response) =>
        response.writeHead(200, { 'content-type': 'text/html' }).end(good),
    ],
    [
      'breaks off',
      (_request, response) =>
        response
          .writeHead(200, { ...type, 'content-length': '500' })
          .write(good, () => response.destroy()),
    ],
    [
      'is endless',
      (_request, response) => {
        response.writeHead(200, type);
        const more = () =>
          response.destroyed || response.write(good.subarray(0, -4), more);
        more();
      },
    ],
    ['goes away', request => request.socket.destroy()],
  ])('cannot be told when the remote %s', async (_what, listener) => {
    respond = listener;
    expect(await tip('refs/heads/main')).toBeUndefined();
  });

  it('cannot be told in time when the remote is silent', async () => {
    respond = () => undefined;
    const signal = AbortSignal.timeout(50);
    expect(
      await remoteTip({ url, reference: 'refs/heads/main', signal }),
    ).toBeUndefined();
  });

  it('sends credentials to the remote, and to nobody it points to', async () => {
    const told: (string | undefined)[] = [];
    respond = (request, response) => {
      told.push(request.headers.authorization);
      response.writeHead(200, type).end(good);
    };
    expect(await tip('refs/heads/main', 'Basic abc')).toBe(a);
    expect(told).toEqual(['Basic abc']);
    respond = (request, response) => {
      if (request.url?.startsWith('/elsewhere')) told.push('redirected');
      response.writeHead(307, { location: `${url}/elsewhere` }).end();
    };
    expect(await tip('refs/heads/main', 'Basic abc')).toBeUndefined();
    expect(told).toEqual(['Basic abc']);
  });
});
