// SPDX-License-Identifier: Apache-2.0
import type { PromotionView } from '@causeway/plugin-delivery-common';
import type { Surroundings } from '../../surroundings/Surroundings';
import type { TestPortal } from '../../surroundings/TestPortal';
import {
  colouredService,
  ColouredService,
  type Colour,
} from './ColouredService';

/** The metrics say something after four minutes at the earliest. */
const VERDICT_PATIENCE_MS = 480_000;

/**
 * Promotes a version one in twenty of whose requests fails, and waits until it has failed. Its pods
 * are well, so only metrics can tell. Resolves to what the portal says, and who serves then.
 */
export async function failAfterSwitch(
  portal: TestPortal,
  surroundings: Surroundings,
): Promise<{
  readonly problem: PromotionView['problem'];
  readonly live: Colour;
}> {
  const service = new ColouredService(portal, surroundings, colouredService);
  await service.delivery.untilKnown();
  const id = await service.promoteNew('VERSION', '3.2.0-errors\n');
  const { problem } = await service.delivery.untilPhase(
    id,
    'failed',
    VERDICT_PATIENCE_MS,
  );
  return { problem, live: await service.live() };
}
