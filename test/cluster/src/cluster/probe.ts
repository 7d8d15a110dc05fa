// SPDX-License-Identifier: Apache-2.0
import { get as getPlain } from 'node:http';
import { get as getSecure } from 'node:https';

const PROBE_MILLISECONDS = 10_000;

/**
 * Status code of a GET. Never follows, never keeps the connection.
 *
 * @param ca - PEM of the authority to trust, for https.
 * @throws Error when there is no answer within ten seconds.
 */
export async function statusOf(url: string, ca?: string): Promise<number> {
  const get = url.startsWith('https:') ? getSecure : getPlain;
  return new Promise((resolve, reject) => {
    const options = { ca, agent: false, timeout: PROBE_MILLISECONDS };
    const request = get(url, options, response => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('timeout', () =>
      request.destroy(new Error(`${url} did not answer in time`)),
    );
    request.on('error', reject);
  });
}
