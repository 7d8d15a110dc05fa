// SPDX-License-Identifier: Apache-2.0
import type {
  ReleaseImage,
  WaveSteering,
  WaveView,
} from '@causeway/plugin-delivery-common';
import {
  aReport,
  openPortal,
  problemOf,
  service as another,
  until,
} from './__testUtils__/portal';
import { ScriptedFleet } from './__testUtils__/scriptedFleet';

/** Real servers, on machines that may be busy. */
jest.setTimeout(180_000);

const service = 'component:default/belt';
const image = 'registry.norden.example/belt';

/** One site first; a person lets the other begin. */
const belt = `apiVersion: causeway.dev/v1
kind: Pipeline
images: [${image}]
namespace: sorting
stages:
  - name: edge
    kind: edge
    targets: [edge-north]
    strategy:
      wave:
        order: rings
        rings:
          - { name: pilot, sites: [oslo] }
          - { name: second, approval: true }
        firstSoak: 1s
        soak: 1s
`;

const oslo = 'edge-north/oslo-pi-01';
const bergen = 'edge-north/bergen-pi-01';
const imageOf = (version: string): ReleaseImage => ({
  ...aReport(version).images[0],
  name: image,
});

let fleet: ScriptedFleet;
let portal: Awaited<ReturnType<typeof openPortal>>;
/** Ids of the releases of the belt by version. */
const releases: Record<string, string> = {};
let promotion: string;

/** A device as its cluster tells of it, with a version of the belt on it. */
const running = (name: string, version: string) => ({
  cluster: 'edge-north',
  name,
  site: name.split('-')[0],
  hardware: 'raspberry-pi-5',
  belt: `${version}@${imageOf(version).digest}`,
});

const path = () => `/promotions/${promotion}/wave`;
const say = (
  who: string,
  wish: WaveSteering,
  headers?: Record<string, string>,
) => portal.as(who).post(path(), wish, headers);
const preview = (release: string, of = service, stage = 'edge') =>
  portal
    .as('lena')
    .get(
      `/waves/preview?service=${encodeURIComponent(
        of,
      )}&stage=${stage}&release=${release}`,
    );
const waveAsSeen = async (): Promise<WaveView> =>
  (await portal.as('lena').get(path())).body;
const placeOf = (view: WaveView, id: string) =>
  view.devices.find(device => device.id === id)?.place;

/** The wave when it looks so. */
async function untilWave(isSo: (view: WaveView) => boolean): Promise<WaveView> {
  let view = await waveAsSeen();
  await until(async () => {
    view = await waveAsSeen();
    return isSo(view);
  });
  return view;
}

beforeAll(async () => {
  fleet = await ScriptedFleet.start([
    running('oslo-pi-01', '1.0.0'),
    running('bergen-pi-01', '1.0.0'),
    running('bergen-pi-02', '1.0.0'),
  ]);
  const { clusters } = fleet.watched;
  portal = await openPortal({
    devices: fleet.watched.fleet,
    actOn: clusters.actOn.bind(clusters),
    services: { belt },
  });
  for (const version of ['1.0.0', '1.1.0']) {
    const { body } = await portal.report(
      aReport(version, {
        service,
        repository: 'http://forge.example/norden/belt',
        images: [imageOf(version)],
      }),
    );
    releases[version] = body.id;
  }
  // The DaemonSet has this template, and Flux has applied it.
  portal.world.memory.run(
    {
      cluster: 'edge-north',
      path: 'services/belt/overlays/edge-north',
      kustomization: { namespace: 'flux-system', name: 'belt' },
      workload: { kind: 'DaemonSet', namespace: 'sorting', name: 'belt' },
    },
    { id: releases['1.0.0'], images: [imageOf('1.0.0')] } as never,
  );
});
afterAll(() => fleet?.stop());

describe('before anything is done', () => {
  beforeAll(() =>
    until(async () => (await preview(releases['1.1.0'])).status === 200),
  );

  it('shows in which order the devices would get a release, however the service is spelled', async () => {
    const { body } = await preview(releases['1.1.0']);
    expect(body).toMatchObject({ devices: 3, excluded: [] });
    expect(body.rings).toEqual([
      { name: 'pilot', batches: [[oslo]] },
      { name: 'second', batches: expect.any(Array) },
      { name: 'The rest', batches: [] },
    ]);
    expect(body.rings[1].batches.flat()).toHaveLength(2);
    // This one would not wait to be told.
    expect(body.problems).toEqual([expect.stringContaining('OnDelete')]);
    expect((await preview(releases['1.1.0'], 'Component:belt')).body).toEqual(
      body,
    );
  });

  it('shows none for what has no wave', async () => {
    const fresh = releases['1.1.0'];
    const problems = await Promise.all([
      preview('none'),
      preview(fresh, service, 'moon'),
      preview(portal.releases['2.8.0']),
      preview(portal.releases['2.8.0'], another, 'production'),
      preview(fresh, 'component:default/none'),
      portal.as('lena').get('/waves/preview?service=x'),
      portal.as('lena').get('/promotions/none/wave'),
      portal.as('ines').post('/promotions/none/wave', { action: 'pause' }),
    ]);
    expect(problems.map(problemOf)).toEqual([
      '404 noWave',
      '404 noWave',
      '404 noWave',
      '404 noWave',
      '404 unknownService',
      '400 badRequest',
      '404 unknownPromotion',
      '404 unknownPromotion',
    ]);
    for (const open of ['/waves', '/waves/preview?service=x&stage=y&release=z'])
      expect((await portal.anonymously(open)).status).toBe(401);
    expect((await portal.as('lena').get('/waves')).body.items).toEqual([]);
  });
});

describe('a wave under way', () => {
  beforeAll(async () => {
    await until(async () => {
      const { status, body } = await portal.as('ines').post('/promotions', {
        service,
        stage: 'edge',
        release: releases['1.1.0'],
      });
      promotion = body.id;
      return status === 202 && body.replaces?.version === '1.0.0';
    });
    await until(async () => {
      const { status } = await portal.as('lena').get(path());
      return status === 200;
    });
    await untilWave(view => placeOf(view, oslo) === 'inFlight');
  });

  it('is listed, and tells of every device', async () => {
    const { body } = await portal.as('lena').get('/waves');
    expect(body.items).toMatchObject([
      {
        promotion,
        service,
        stage: 'edge',
        version: '1.1.0',
        replaces: '1.0.0',
        state: 'rolling',
        startedBy: 'user:default/ines',
      },
    ]);
    const answer = await portal.as('lena').get(path());
    expect(answer.body.devices).toHaveLength(3);
    expect(placeOf(answer.body, bergen)).toBe('planned');
    const view: WaveView = answer.body;
    expect(view.log.map(({ kind }) => kind)).toEqual(['order']);
    expect(answer.headers.etag).toBeDefined();
  });

  const not = '403 notPermitted';
  const noReason = '400 reasonNeeded';
  it.each([
    ['lena', not, not, not, not],
    ['mia', '409 notPaused', not, not, not],
    ['omar', not, '409 nothingAsked', not, not],
    ['ines', '409 notPaused', '409 nothingAsked', noReason, noReason],
  ])(
    'is steered by %s only as far as the stage allows',
    async (who, ...problems) => {
      const wishes: readonly WaveSteering[] = [
        { action: 'resume' },
        { action: 'answer', question: 'ring:1', answer: 'yes' },
        { action: 'stop' },
        { action: 'takeBack', reason: ' ' },
      ];
      const answers: string[] = [];
      for (const wish of wishes) answers.push(problemOf(await say(who, wish)));
      expect(answers).toEqual(problems);
    },
  );

  it('is paused by nobody without the right to promote, and each attempt is on record', async () => {
    for (const who of ['lena', 'omar'])
      expect(problemOf(await say(who, { action: 'pause' }))).toBe(not);
    expect((await waveAsSeen()).pauses).toEqual([]);
    expect(portal.world.audited).toEqual(
      expect.arrayContaining([
        'wave-steer failed notPermitted',
        'wave-steer failed reasonNeeded',
      ]),
    );
  });

  it.each<[string, object]>([
    ['an unknown action', { action: 'delete' }],
    ['no action', {}],
    ['fields of its own', { action: 'pause', devices: [oslo] }],
    ['an answer that is none', { action: 'answer', answer: 'maybe' }],
    ['a reason without end', { action: 'stop', reason: 'x'.repeat(2001) }],
    ['a list', ['pause']],
  ])('takes no %s', async (_, body) => {
    const answer = await portal.as('ines').post(path(), body);
    expect(problemOf(answer)).toBe('400 badRequest');
  });

  it('is paused once for a key, and resumed', async () => {
    const key = { 'Idempotency-Key': 'wave-1' };
    const wish: WaveSteering = { action: 'pause', reason: 'Stock-taking.' };
    const first = await say('mia', wish, key);
    expect(first.status).toBe(202);
    const paused = await untilWave(({ pauses }) => pauses.length === 1);
    expect(paused.pauses).toMatchObject([
      { kind: 'person', reason: 'Stock-taking.' },
    ]);
    expect((await say('mia', wish, key)).body).toEqual(first.body);
    expect((await say('mia', { action: 'resume' }, key)).status).toBe(409);
    expect(problemOf(await say('ines', { action: 'pause' }))).toBe(
      '409 alreadyPaused',
    );
    expect((await say('mia', { action: 'resume' })).status).toBe(202);
    const { log } = await untilWave(({ pauses }) => pauses.length === 0);
    const said = log.filter(({ actor }) => actor === 'user:default/mia');
    expect(said.map(({ kind }) => kind)).toEqual(['resume', 'pause']);
  });

  it('asks, and goes on when somebody answers who may', async () => {
    fleet.tell(running('oslo-pi-01', '1.1.0'));
    const asking = await untilWave(({ questions }) => questions.length === 1);
    const [{ name, answer }] = asking.questions;
    expect(answer).toBeUndefined();
    expect(placeOf(asking, oslo)).toBe('proven');
    expect(placeOf(asking, bergen)).toBe('planned');
    expect(
      problemOf(
        await say('omar', {
          action: 'answer',
          question: 'constructor',
          answer: 'yes',
        }),
      ),
    ).toBe('400 unknownQuestion');
    const answered = await say('omar', {
      action: 'answer',
      question: name,
      answer: 'yes',
    });
    expect(answered.status).toBe(202);
    const { questions } = await untilWave(view =>
      view.devices.some(
        ({ id, place }) => id.includes('bergen') && place === 'inFlight',
      ),
    );
    expect(questions).toMatchObject([{ name, answer: 'yes' }]);
  });

  it('is stopped, taken back later, and then over', async () => {
    const stop: WaveSteering = { action: 'stop', reason: 'Belts stop.' };
    expect((await say('ines', stop)).status).toBe(202);
    const stopped = await untilWave(view => view.stop !== undefined);
    expect(stopped.stop).toMatchObject({
      kind: 'person',
      reason: 'Belts stop.',
      takeBack: false,
    });
    expect(placeOf(stopped, oslo)).toBe('proven');
    expect(problemOf(await say('ines', stop))).toBe('409 waveStopped');
    expect(problemOf(await say('ines', { action: 'pause' }))).toBe(
      '409 waveStopped',
    );
    const back: WaveSteering = { action: 'takeBack', reason: 'Still bad.' };
    expect((await say('ines', back)).status).toBe(202);
    await untilWave(view => view.template.wants === 'before');
    fleet.tell(running('oslo-pi-01', '1.0.0'));
    const { log } = await untilWave(
      ({ summary }) => summary.state === 'stopped',
    );
    expect(log.filter(({ kind }) => kind === 'template')).toHaveLength(1);
    expect(problemOf(await say('ines', back))).toBe('409 waveOver');
    expect(
      portal.world.fleet.commits
        .filter(commit => commit.promotion.startsWith(promotion))
        .map(({ images }) => images),
    ).toEqual([[imageOf('1.1.0')], [imageOf('1.0.0')]]);
    await until(async () => {
      const { body } = await portal.as('lena').get(`/promotions/${promotion}`);
      return body.promotion.phase === 'failed';
    });
  });
});
