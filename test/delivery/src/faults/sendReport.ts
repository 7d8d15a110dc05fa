// SPDX-License-Identifier: Apache-2.0
import { createHash, createHmac, randomUUID } from 'node:crypto';
import type { Surroundings } from '../surroundings/Surroundings';
import type { Answer } from '../surroundings/TestPortal';

const MINUTE_MS = 60_000;

/** Reports a release of parcel-vision as its CI does, or as somebody does who is not. */
export async function sendReport(
  surroundings: Surroundings,
  report: {
    readonly version: string;
    readonly secret?: string;
    readonly minutesOld?: number;
    readonly delivery?: string;
  },
): Promise<Answer> {
  const { version, delivery = randomUUID() } = report;
  const age = (report.minutesOld ?? 0) * MINUTE_MS;
  const timestamp = String(Math.floor((Date.now() - age) / 1000));
  const digest = createHash('sha256').update(version).digest('hex');
  const body = JSON.stringify({
    service: 'component:default/parcel-vision',
    repository: `${surroundings.forge}/norden/parcel-vision`,
    version,
    commit: {
      sha: digest.slice(0, 40),
      message: 'Report by hand',
      author: 'Mia Lindqvist <mia@norden.example>',
      time: '2026-01-01T00:00:00.000Z',
    },
    images: [
      {
        name: 'registry.norden.example/parcel-vision',
        tag: version,
        digest: `sha256:${digest}`,
      },
    ],
  });
  const signature = createHmac(
    'sha256',
    report.secret ?? surroundings.releaseSecret,
  )
    .update(`${timestamp}.${delivery}.${body}`)
    .digest('hex');
  const response = await fetch(
    `http://localhost:${surroundings.portalPort}/api/delivery/releases`,
    {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-causeway-timestamp': timestamp,
        'x-causeway-delivery': delivery,
        'x-causeway-signature': `sha256=${signature}`,
      },
      body,
    },
  );
  return { status: response.status, body: await response.json() };
}
