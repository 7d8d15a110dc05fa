// SPDX-License-Identifier: Apache-2.0
import { imageDigest } from '../ci/Run';
import type { RunningForge } from '../forge/startForge';
import type { ForgeRepository } from '../forge/ForgeRepository';
import { fleetPushers } from './accounts';
import { serviceHistory } from './demo/serviceRepository';
import { DemoService, people, services } from './demo/services';
import { fleetHistory } from './fleetHistory';

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
  const morning = new Date(`${now.toISOString().slice(0, 10)}T08:00:00Z`);
  const repositories = await Promise.all(
    services.map(service => seedService(service)),
  );
  const tags = new Map<string, string>();
  for (const repository of repositories) {
    for (const { name, sha } of await repository.git.references('refs/tags/')) {
      tags.set(`${repository.settings.name} ${name}`, sha);
    }
  }
  if (!forge.repository(`${owner}/fleet`)) {
    await forge.createRepository({
      owner,
      name: 'fleet',
      description: 'What runs where: the clusters follow this repository',
      protections: [{ branch: 'main', pushers: fleetPushers }],
      commits: fleetHistory({
        fleetUrl: `${url}/${owner}/fleet`,
        now: morning,
        digestOf: (service, version) =>
          imageDigest(
            service.name,
            version,
            tags.get(`${service.name} v${version}`) ?? '',
          ),
      }),
    });
  }
  for (const repository of forge.repositories())
    await correctAddress(repository, url, now);

  async function seedService(service: DemoService): Promise<ForgeRepository> {
    const present = forge.repository(`${owner}/${service.name}`);
    if (present) return present;
    return forge.createRepository({
      owner,
      name: service.name,
      description: service.description,
      commits: serviceHistory(service, url, morning),
    });
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
