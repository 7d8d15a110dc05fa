// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Failure } from './failure.mjs';
import { repository } from './folders.mjs';
import { progress } from './progress.mjs';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

function playwrightBrowser() {
  const require = createRequire(join(repository, 'package.json'));
  const path = require('playwright-core').chromium.executablePath();
  return path && existsSync(path) ? path : undefined;
}

function installedBrowser() {
  return (
    [process.env.CAUSEWAY_BROWSER, ...PLACES].find(
      path => path && existsSync(path),
    ) ?? playwrightBrowser()
  );
}

function installFromDebian() {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    return;
  }
  progress('Installing Chromium from the distribution’s packages');
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['update', '-qq'], { env: environment });
  spawnSync(
    'apt-get',
    [
      'install',
      '-y',
      '-qq',
      '--no-install-recommends',
      'chromium',
      'fonts-liberation',
    ],
    { env: environment },
  );
}

function installFromPlaywright(node, environment) {
  progress('Getting Chromium');
  spawnSync(
    node.executable,
    [
      join(repository, 'node_modules', 'playwright-core', 'cli.js'),
      'install',
      'chromium',
    ],
    { env: environment, stdio: 'ignore' },
  );
}

/** The path of a Chromium or Chrome: one that is there, else one that is installed now. */
export function ensureBrowser(node, environment) {
  if (!installedBrowser()) {
    installFromDebian();
  }
  if (!installedBrowser()) {
    installFromPlaywright(node, environment);
  }
  const browser = installedBrowser();
  if (!browser) {
    throw new Failure(
      'The browser tests need Chromium or Chrome, and none could be installed. Install one, or name it: CAUSEWAY_BROWSER=/path/to/chrome npm test',
    );
  }
  return browser;
}
