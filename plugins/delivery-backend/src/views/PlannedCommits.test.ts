// SPDX-License-Identifier: Apache-2.0
import { repositoryOf } from './PlannedCommits';

describe('repositoryOf', () => {
  it.each([
    [
      'http://127.0.0.1:7100/norden/parcel-vision/src/branch/main/',
      'http://127.0.0.1:7100/norden/parcel-vision',
    ],
    [
      'https://github.com/norden/parcel-vision/tree/main/app',
      'https://github.com/norden/parcel-vision',
    ],
    [
      'https://gitlab.com/norden/sorting/parcel-vision/-/tree/main/',
      'https://gitlab.com/norden/sorting/parcel-vision',
    ],
    [
      'https://forge.example/norden/parcel-vision/',
      'https://forge.example/norden/parcel-vision',
    ],
    ['file:/somewhere', undefined],
  ])('finds the repository of %s', (source, expected) => {
    expect(repositoryOf(source)).toBe(expected);
  });
});
