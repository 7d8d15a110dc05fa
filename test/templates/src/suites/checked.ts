// SPDX-License-Identifier: Apache-2.0
import { defaultCacheFolder, programPath } from '@causeway/test-cluster';
import { whyNotChecked } from '../checks/ownChecks';
import type { Repository } from '../Repository';
import { run } from '../run';

/** Registers what tools find in the first repository of each template, and what the repositories find in themselves. */
export function checked(
  templates: readonly string[],
  repositoryOf: (template: string) => Repository,
): void {
  describe.each([...templates])('%s', template => {
    test('actionlint finds nothing in its workflows', async () => {
      const actionlint = programPath(defaultCacheFolder(), 'actionlint');
      // Its other linters are used where they are found, which is not the same everywhere.
      const args = ['-no-color', '-shellcheck=', '-pyflakes='];
      expect(
        await run(actionlint, args, repositoryOf(template).folder),
      ).toEqual({
        code: 0,
        output: '',
      });
    });

    test('its scripts can be read by what runs them', async () => {
      const scripts = [...repositoryOf(template).files].filter(([, text]) =>
        text.startsWith('#!'),
      );
      expect(scripts.length).toBeGreaterThanOrEqual(6);
      for (const [path, text] of scripts) {
        const ended = text.startsWith('#!/usr/bin/env python3')
          ? await run(
              'python3',
              [
                '-c',
                `compile(open(${JSON.stringify(path)}).read(), 'x', 'exec')`,
              ],
              repositoryOf(template).folder,
            )
          : await run('bash', ['-n', path], repositoryOf(template).folder);
        expect([path, ended]).toEqual([path, { code: 0, output: '' }]);
      }
    });
  });

  for (const template of templates) {
    const reason = whyNotChecked(template);
    if (reason) {
      process.stderr.write(`${template} does not run its checks: ${reason}\n`);
    }
    (reason ? test.skip : test)(
      `${template} passes its own checks, lint to coverage`,
      async () => {
        const { folder, checks } = repositoryOf(template);
        const ended = await checks;
        // Make says last what failed.
        expect([
          ended?.code,
          ended?.code === 0 ? '' : ended?.output.slice(-3000),
        ]).toEqual([0, '']);
        const report = await run('test', ['-s', 'reports/junit.xml'], folder);
        expect(report.code).toBe(0);
      },
    );
  }
}
