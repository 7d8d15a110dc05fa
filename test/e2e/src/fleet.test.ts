// SPDX-License-Identifier: Apache-2.0
import { drillStory } from './drillStory';
import { fleetStory, fleetTroubles } from './fleetStory';
import { tellInBrowser } from './tellInBrowser';
import { waveStory } from './waveStory';

jest.setTimeout(900_000);

describe('the fleet in a browser', () => {
  tellInBrowser(
    // Nobody looks at evidence here.
    ['browser-fleet', fleetTroubles, { evidence: false }],
    [
      // It takes a device of edge staging away, the others devices of edge production.
      { 'a drill': drillStory },
      { 'a wave': waveStory, 'the fleet': fleetStory },
    ],
  );
});
