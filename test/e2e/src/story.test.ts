// SPDX-License-Identifier: Apache-2.0
import { tellTogether } from '@causeway/test-delivery';
import { BrowserWorld } from './BrowserWorld';
import { canaryStory } from './canaryStory';
import { drillStory } from './drillStory';
import { fleetStory, fleetTroubles } from './fleetStory';
import { mainStory } from './mainStory';
import { scaffoldStory } from './scaffoldStory';
import { troubles } from './troubles';
import { waveStory } from './waveStory';

jest.setTimeout(900_000);

/** Everything in one portal, because starting one takes as long as a story. */
describe('the portal in a browser', () => {
  let world: BrowserWorld;

  beforeAll(async () => {
    world = await BrowserWorld.start('browser', [
      // Enough requests that a bad version is found out soon at any hour of the day.
      {
        scenario: 'rush',
        parameters: { service: 'label-api', amount: 10 },
      },
      ...fleetTroubles,
    ]);
  });

  afterAll(() => world?.stop());

  const seen = () => world;
  tellTogether([
    { 'a bad canary': tell => canaryStory(seen, tell) },
    {
      'the main story': tell => mainStory(seen, tell),
      'a new service': tell => scaffoldStory(seen, tell),
      // It takes a device of edge staging away, through which the two before go.
      'a drill': tell => drillStory(seen, tell),
      'a wave': tell => waveStory(seen, tell),
      'the fleet': tell => fleetStory(seen, tell),
      // It breaks the clusters of the others.
      'clusters in trouble': tell => troubles(seen, tell),
    },
  ]);
});
