// SPDX-License-Identifier: Apache-2.0
import { readFile, writeFile } from 'node:fs/promises';
import { imageDigest } from '../ci/Run';
import type { Forge } from '../forge/Forge';
import type { RunningForge } from '../forge/startForge';
import type { ForgeRepository } from '../forge/ForgeRepository';
import { fleetPushers } from './accounts';
import { serviceHistory } from './demo/serviceRepository';
import { people, services } from './demo/services';
import { fleetHistory, FleetHistoryFacts } from './fleetHistory';

const owner = 'norden';

/**
 * Makes the demo repositories that are not there yet. The same day and address
 * give the same commits. Repositories of an earlier start stay as people have
 * left them, but for the address of the forge itself, which is corrected when
 * it has moved.
 */
export async function seedForge(
  { forge, url }: RunningForge,
  now: Date,
): Promise<void> {
  const addressFile = `${forge.directory}.address`;
  const morning = new Date(`${now.toISOString().slice(0, 10)}T08:00:00Z`);
  const missing = services.filter(
    ({ name }) => !forge.repository(`${owner}/${name}`),
  );
  await Promise.all(
    missing.map(service =>
      forge.createRepository({
        owner,
        name: service.name,
        description: service.description,
        commits: serviceHistory(service, url, morning),
      }),
    ),
  );
  if (!forge.repository(`${owner}/fleet`)) {
    const digestOf = await releasedDigests(forge);
    await forge.createRepository({
      owner,
      name: 'fleet',
      description: 'What runs where: the clusters follow this repository',
      protections: [{ branch: 'main', pushers: fleetPushers }],
      commits: fleetHistory({
        fleetUrl: `${url}/${owner}/fleet`,
        now: morning,
        digestOf,
      }),
    });
  }
  if ((await readText(addressFile)) === url) return;
  for (const repository of forge.repositories())
    await correctAddress(repository, url, now);
  await writeFile(addressFile, url);
}

/** The digest CI gives each released version, by the tags of the services. */
async function releasedDigests(
  forge: Forge,
): Promise<FleetHistoryFacts['digestOf']> {
  const commits = new Map<string, string>();
  for (const { name } of services) {
    const repository = forge.repository(`${owner}/${name}`);
    for (const tag of (await repository?.git.references('refs/tags/')) ?? [])
      commits.set(`${name} ${tag.name}`, tag.sha);
  }
  return ({ name }, version) =>
    imageDigest(name, version, commits.get(`${name} v${version}`) ?? '');
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Files that name the forge; their addresses go stale when it gets another port. */
const addressed =
  /^(catalog-info\.yaml|clusters\/[^/]+\/flux-system\/.*\.yaml)$/;

async function correctAddress(
  repository: ForgeRepository,
  url: string,
  now: Date,
): Promise<void> {
  const tip = await repository.git.resolve('refs/heads/main');
  if (!tip) return;
  const changes = [];
  for (const { path, sha } of await repository.git.tree(tip, '', true)) {
    if (!addressed.test(path)) continue;
    const content = (await repository.git.blob(sha)).toString();
    const corrected = content.replace(
      /http:\/\/127\.0\.0\.1:\d+(?=\/norden\/)/g,
      url,
    );
    if (corrected !== content) changes.push({ path, content: corrected });
  }
  if (changes.length === 0) return;
  const author = { ...people.ines, date: now };
  await repository.git.write([
    {
      branch: 'main',
      parent: tip,
      author,
      message: 'Follow the forge to its new address [skip ci]',
      changes,
    },
  ]);
}
