// SPDX-License-Identifier: Apache-2.0
import type { ReleaseReport } from '../api/views';
import { parseReleaseReport } from './parseReleaseReport';
import { releaseRef } from '../view/promotionView';
import { releaseView } from './releaseView';

const now = new Date('2026-05-07T14:32:04.000Z');
const digest = `sha256:${'a'.repeat(64)}`;
const report: ReleaseReport = {
  service: 'Component:Default/parcel-vision',
  repository: 'http://forge.example/norden/parcel-vision',
  version: '2.8.1',
  commit: {
    sha: 'a91e2d7'.padEnd(40, '0'),
    message: 'Fix label rotation on belt 4\n\nSeen in Venlo.',
    author: 'Mia Lindqvist',
    authorRef: 'mia',
    time: '2026-05-07T15:50:00+02:00',
  },
  images: [{ name: 'a/parcel-vision', tag: '2.8.1', digest }],
  ci: {
    run: '41',
    startedAt: '2026-05-07T13:50:10Z',
    finishedAt: '2026-05-07T13:52:00Z',
    jobs: [
      { name: 'lint', outcome: 'passed' },
      { name: 'scan', outcome: 'skipped' },
    ],
  },
};
const context = { id: 'r1', now, images: ['a/parcel-vision'] };

describe('parseReleaseReport', () => {
  it('brings refs and instants into one form', () => {
    const { release } = parseReleaseReport(report, context);
    expect(release).toMatchObject({
      id: 'r1',
      service: 'component:default/parcel-vision',
      commit: {
        authorRef: 'user:default/mia',
        time: '2026-05-07T13:50:00.000Z',
      },
      reportedAt: now.toISOString(),
    });
    expect(release && releaseView(release).ci).toMatchObject({
      passed: 1,
      total: 2,
    });
    expect(release && releaseRef(release)).toEqual({
      id: 'r1',
      version: '2.8.1',
      commit: 'a91e2d7',
      message: 'Fix label rotation on belt 4',
    });
  });

  it.each<[string, Partial<ReleaseReport>, string[]]>([
    [
      'an image of the pipeline is missing',
      { images: [{ name: 'other', tag: '1', digest }] },
      ['images missingImage'],
    ],
    [
      'an image is named twice',
      { images: [report.images[0], report.images[0]] },
      ['images duplicateImage'],
    ],
    [
      'a time is in the future',
      { commit: { ...report.commit, time: '2026-05-07T14:40:00Z' } },
      ['commit.time futureTime'],
    ],
    [
      'a time is not one',
      { commit: { ...report.commit, time: 'yesterday' } },
      ['commit.time badTime'],
    ],
    [
      'CI ended before it began',
      {
        ci: {
          run: '1',
          jobs: [],
          startedAt: '2026-05-02T00:00:00Z',
          finishedAt: '2026-05-01T00:00:00Z',
        },
      },
      ['ci.finishedAt badTime'],
    ],
    [
      'the author is no entity',
      { commit: { ...report.commit, authorRef: 'user:default/' } },
      ['commit.authorRef badRef'],
    ],
  ])('says so when %s', (_when, change, expected) => {
    const { problems } = parseReleaseReport({ ...report, ...change }, context);
    expect(
      problems?.map(problem => `${problem.field} ${problem.code}`),
    ).toEqual(expected);
  });

  it('takes any images while no pipeline is known', () => {
    expect(parseReleaseReport(report, { id: 'r1', now }).release).toBeDefined();
  });
});
