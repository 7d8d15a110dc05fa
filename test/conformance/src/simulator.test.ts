// SPDX-License-Identifier: Apache-2.0
import { conformance } from './conformance';
import { startSimulator } from './startSimulator';

jest.setTimeout(60_000);

describe('the simulated API server', () => {
  conformance(() => startSimulator());
});
