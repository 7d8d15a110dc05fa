// SPDX-License-Identifier: Apache-2.0
import { ForgeClient } from './ForgeClient';
import type { ForgeUnderTest } from './ForgeUnderTest';
import { contents } from './suites/contents';
import { protections } from './suites/protections';
import { pulls } from './suites/pulls';
import { repositories } from './suites/repositories';
import { smartHttp } from './suites/smartHttp';
import { statuses } from './suites/statuses';
import { webhooks } from './suites/webhooks';

const SUITES = [
  repositories,
  contents,
  pulls,
  protections,
  statuses,
  webhooks,
  smartHttp,
];

/** Registers every test, for a forge that is started before and stopped after them. */
export function forgeConformance(start: () => Promise<ForgeUnderTest>): void {
  let forge: ForgeUnderTest | undefined;

  beforeAll(async () => {
    forge = await start();
  });
  afterAll(async () => {
    await forge?.stop();
  });

  const client = () => {
    if (!forge) throw new Error('the forge has not started');
    return new ForgeClient(forge);
  };
  for (const suite of SUITES) suite(client);
}
