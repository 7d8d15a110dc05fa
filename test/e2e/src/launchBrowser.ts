// SPDX-License-Identifier: Apache-2.0
import { chromium, type Browser } from 'playwright-core';

/** The browser that the launcher found or installed, without windows. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CAUSEWAY_BROWSER ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
