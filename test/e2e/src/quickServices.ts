// SPDX-License-Identifier: Apache-2.0
import {
  GitWorkingCopy,
  type SimulatedSurroundings,
} from '@causeway/test-delivery';

/** What is changed of pipeline documents: each text once. */
const changes: Readonly<
  Record<string, readonly (readonly [from: string, to: string])[]>
> = {
  'parcel-vision': [
    [
      'soak: { stage: cloud-staging, for: 30s }',
      'soak: { stage: cloud-staging, for: 5s }',
    ],
    [
      'soak: { stage: edge-staging, for: 30s }',
      'soak: { stage: edge-staging, for: 5s }',
    ],
  ],
  'label-api': [
    [
      'soak: { stage: cloud-staging, for: 30s }',
      'soak: { stage: cloud-staging, for: 5s }',
    ],
    // Longer than people take here on a slow machine, and no warm-up, so that one bad minute is seen.
    ['soak: 2m', 'soak: 20m\n        warmUp: 0m'],
    ['p95Milliseconds: 500', 'p95Milliseconds: 200'],
  ],
  'belt-control': [
    ['firstSoak: 1m', 'firstSoak: 10s'],
    ['soak: 30s', 'soak: 5s'],
    ['sitePercent: 25', 'sitePercent: 50'],
  ],
};

/** Lets services soak shortly between their stages, as their teams may, before a portal looks at them. */
export async function hurryServices({
  forge,
  forgePassword,
}: SimulatedSurroundings): Promise<void> {
  await Promise.all(
    Object.entries(changes).map(async ([service, edits]) => {
      const copy = await GitWorkingCopy.clone(forge, service, {
        name: 'Ines Duarte',
        login: 'ines',
        password: forgePassword,
      });
      let document = await copy.read('delivery.yaml');
      for (const [from, to] of edits) {
        if (!document.includes(from))
          throw new Error(`The pipeline of ${service} does not say "${from}"`);
        document = document.replace(from, to);
      }
      await copy.push('delivery.yaml', document, 'Soak shortly [skip ci]');
      await copy.remove();
    }),
  );
}
