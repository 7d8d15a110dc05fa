// SPDX-License-Identifier: Apache-2.0
import type { FileChange, NewCommit, Signature } from '../git/importCommits';
import {
  clusters,
  DemoCluster,
  DemoService,
  people,
  services,
} from './demo/services';
import { fleetFiles } from './demo/fleetRepository';

const hour = 60 * 60 * 1000;
const day = 24 * hour;

/** What the history of the fleet repository is made from. */
export interface FleetHistoryFacts {
  readonly fleetUrl: string;
  readonly digestOf: (service: DemoService, version: string) => string;
  /** The moment that `daysAgo` counts from. */
  readonly now: Date;
}

interface Move {
  readonly service: DemoService;
  readonly cluster: DemoCluster;
  readonly before: string;
  readonly after: string;
  readonly date: Date;
}

const promoters = {
  'cloud-staging': { name: 'Causeway', email: 'causeway@norden.example' },
  'cloud-production': people.jonas,
  'edge-staging': people.ines,
  'edge-production': people.ines,
} satisfies Record<DemoCluster, Omit<Signature, 'date'>>;

/** Each stage got its version some hours after the one before. */
function movesOf(service: DemoService, now: Date): readonly Move[] {
  return clusters.flatMap((cluster, index) => {
    const position = service.history.findIndex(
      ({ version }) => version === service.deployed[cluster],
    );
    if (position < 1) return [];
    const { version: after, daysAgo } = service.history[position];
    const { version: before } = service.history[position - 1];
    const date = new Date(
      now.getTime() - daysAgo * day + (index * 3 + 1) * hour,
    );
    return [{ service, cluster, before, after, date }];
  });
}

function overlaysOf(
  files: readonly FileChange[],
  { service, cluster }: Move,
): readonly FileChange[] {
  return files.filter(({ path }) =>
    path.startsWith(`services/${service.name}/overlays/${cluster}/`),
  );
}

/** The commits of the fleet repository, oldest first: the beginning, then one promotion after the other. */
export function fleetHistory({
  fleetUrl,
  digestOf,
  now,
}: FleetHistoryFacts): readonly NewCommit[] {
  const files = fleetFiles({ fleetUrl, digestOf });
  const moves = services
    .flatMap(service => movesOf(service, now))
    .sort((a, b) => a.date.getTime() - b.date.getTime());
  const earlier = new Map<string, FileChange>();
  for (const move of moves) {
    for (const overlay of overlaysOf(files, move)) {
      const content = String(overlay.content)
        .replace(`newTag: ${move.after}`, `newTag: ${move.before}`)
        .replace(
          digestOf(move.service, move.after),
          digestOf(move.service, move.before),
        );
      earlier.set(overlay.path, { path: overlay.path, content });
    }
  }
  const beginning = new Date(now.getTime() - 60 * day);
  return [
    {
      branch: 'main',
      author: { ...people.ines, date: beginning },
      message: 'Set up the clusters and services of Norden Parcel',
      changes: files.map(file => earlier.get(file.path) ?? file),
    },
    ...moves.map(
      (move): NewCommit => ({
        branch: 'main',
        author: { ...promoters[move.cluster], date: move.date },
        committer: { ...promoters['cloud-staging'], date: move.date },
        message: `Promote ${move.service.name} ${move.after} to ${move.cluster}\n\nRelease: ${move.after}\nStage: ${move.cluster}`,
        changes: overlaysOf(files, move),
      }),
    ),
  ];
}
