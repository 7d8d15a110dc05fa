// SPDX-License-Identifier: Apache-2.0
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { whyNotChecked } from '../checks/ownChecks';
import { replayImage } from '../image/replayImage';
import type { Repository } from '../Repository';
import { run } from '../run';
import { RunningService } from '../RunningService';

/** Registers that the steps of Dockerfiles, taken without a builder, make services that live, are healthy and end well. */
export function replayed(
  templates: readonly string[],
  repositoryOf: (template: string) => Repository,
): void {
  for (const template of templates) {
    (whyNotChecked(template) ? test.skip : test)(
      `what the Dockerfile of ${template} builds lives, is healthy and ends well`,
      async () => {
        const { folder, checks } = repositoryOf(template);
        // They have put the packages of the service into caches.
        await checks;
        const image = await replayImage(folder, `${folder}-image`);
        expect(image.user).toBe('65532:65532');
        const environment = {
          ...image.environment,
          DATA_DIRECTORY: join(image.folder, 'data'),
        };
        await mkdir(environment.DATA_DIRECTORY, { recursive: true });
        const service = await RunningService.start(
          image.command,
          image.folder,
          environment,
        );
        const [program, ...args] = image.healthCheck;
        const health = await service.untilAnswered(async () => {
          const { code } = await run(program, args, image.folder, {
            ...environment,
            PORT: `${service.port}`,
          });
          return code === 0 ? 'healthy' : undefined;
        });
        const { output } = await service.stop();
        // Uvicorn ends by the signal itself once all is done, so no code says it for all languages.
        expect([health, output]).toEqual([
          'healthy',
          expect.stringMatching(/stopped|shutdown complete/i),
        ]);
      },
    );
  }
}
