// SPDX-License-Identifier: Apache-2.0
import { controllers } from './controllers';
import { startSimulatedControllers } from './startSimulatedControllers';

jest.setTimeout(60_000);

describe('the simulated controllers', () => {
  controllers(startSimulatedControllers);
});
