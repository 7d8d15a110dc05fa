// SPDX-License-Identifier: Apache-2.0

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createKustomize, type KustomizeInput } from './index';
import { kustomizeProgram } from './testing/kustomizeProgram';

const golden = path.resolve(__dirname, '../golden');
const repository = path.join(golden, 'repository');
const vision = 'services/parcel-vision';

interface Case {
  readonly folder: string;
  readonly shows: string;
  readonly loadRestrictions?: KustomizeInput['loadRestrictions'];
}

const cases: readonly Case[] = [
  {
    folder: `${vision}/base`,
    shows: 'a base with labels in selectors and a generated ConfigMap',
  },
  {
    folder: `${vision}/overlays/cloud-staging`,
    shows: 'namespace, newTag, replicas, labels, annotations',
  },
  {
    folder: `${vision}/overlays/cloud-production`,
    shows:
      'digest, newName, components, strategic, JSON6902 and delete patches',
  },
  {
    folder: `${vision}/overlays/edge-production/jetson`,
    shows: 'overlay over overlay over base, merged generators, patch targets',
  },
  {
    folder: `${vision}/overlays/edge-production/raspberry-pi`,
    shows: 'a patch outside the folder, as Flux allows',
    loadRestrictions: 'none',
  },
  {
    folder: 'services/label-printer',
    shows: 'deprecated fields, a Secret, build metadata, a List, Unicode',
  },
  {
    folder: 'services',
    shows: 'a folder of services, replacements, sort order',
  },
];

// Where Go is installed the recorded output is itself compared with the program.
const program = kustomizeProgram();
const recording = process.env.RECORD_GOLDEN === '1';

const files = new Map(
  readdirSync(repository, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => {
      const file = path.join(entry.parentPath, entry.name);
      return [
        path.relative(repository, file).replaceAll(path.sep, '/'),
        readFileSync(file, 'utf8'),
      ];
    }),
);

describe('build', () => {
  const kustomize = createKustomize();
  afterAll(() => kustomize.dispose());

  it.each(cases)(
    '$folder: $shows',
    async ({ folder, loadRestrictions = 'rootOnly' }) => {
      const file = path.join(golden, 'expected', recordingOf(folder));
      const printed = program?.build(repository, folder, loadRestrictions);
      if (recording && printed) writeFileSync(file, printed);
      const recorded = readFileSync(file, 'utf8');
      const built = await kustomize.build({
        files,
        path: folder,
        loadRestrictions,
      });
      expect(built).toBe(recorded);
      expect(printed ?? recorded).toBe(recorded);
    },
  );

  it('has no recording without a case', () => {
    const recordings = readdirSync(path.join(golden, 'expected'));
    expect(recordings.sort()).toEqual(
      cases.map(({ folder }) => recordingOf(folder)).sort(),
    );
  });
});

function recordingOf(folder: string): string {
  return `${folder.replaceAll('/', '_')}.txt`;
}
