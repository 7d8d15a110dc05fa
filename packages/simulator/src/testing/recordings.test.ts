// SPDX-License-Identifier: Apache-2.0
import { readdirSync } from 'node:fs';
import { scenarios as flagger } from './flaggerScenarios';
import { scenarios as flux } from './fluxScenarios';
import { recordings } from './recordings';

test('every recording of a real controller is played again', () => {
  const named = (controller: string) => (scenario: { readonly name: string }) =>
    `${controller}-${scenario.name}.jsonl`;
  const played = [
    ...flagger.map(named('flagger')),
    ...flux.map(named('flux')),
  ].sort();
  expect(played).toEqual(readdirSync(recordings).sort());
});
