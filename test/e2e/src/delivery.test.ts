// SPDX-License-Identifier: Apache-2.0
import { canaryStory } from './canaryStory';
import { mainStory } from './mainStory';
import { scaffoldStory } from './scaffoldStory';
import { tellInBrowser } from './tellInBrowser';
import { troubles } from './troubles';

jest.setTimeout(900_000);

// Enough requests that a bad version is found out soon at any hour of the day.
const rush = {
  scenario: 'rush',
  parameters: { service: 'label-api', amount: 10 },
};

describe('delivery in a browser', () => {
  tellInBrowser(
    ['browser-delivery', [rush]],
    [
      { 'a bad canary': canaryStory },
      {
        'the main story': mainStory,
        'a new service': scaffoldStory,
        // It breaks the clusters of the others.
        'clusters in trouble': troubles,
      },
    ],
  );
});
