// SPDX-License-Identifier: Apache-2.0

/** People of the demo organisation, as they sign their commits. */
export const people = {
  mia: { name: 'Mia Lindqvist', email: 'mia@norden.example' },
  nils: { name: 'Nils Berg', email: 'nils@norden.example' },
  jonas: { name: 'Jonas Weber', email: 'jonas@norden.example' },
  omar: { name: 'Omar Haddad', email: 'omar@norden.example' },
  ines: { name: 'Ines Duarte', email: 'ines@norden.example' },
} as const;

export type Person = keyof typeof people;

/** The demo's clusters, in the order of the pipeline. */
export const clusters = [
  'cloud-staging',
  'cloud-production',
  'edge-staging',
  'edge-production',
] as const;

export type DemoCluster = (typeof clusters)[number];

/** The kinds of device at the edge; each runs a variant of a service beside the other. */
export const edgeVariants = ['jetson', 'raspberry-pi'] as const;

/** One version of a service's history. */
export interface DemoVersion {
  readonly version: string;
  readonly author: Person;
  readonly subject: string;
  readonly daysAgo: number;
}

/** A service of the demo organisation. */
export interface DemoService {
  readonly name: string;
  readonly description: string;
  /** System, and namespace in every cluster. */
  readonly system: 'sorting' | 'tracking';
  readonly owner: string;
  readonly hasLocalStage: boolean;
  /** Oldest first. */
  readonly history: readonly DemoVersion[];
  /** The version each cluster starts with; clusters left out are no stage of the service. */
  readonly deployed: Partial<Record<DemoCluster, string>>;
  readonly replicas: number;
  /** Clusters in which new versions get their traffic step by step. */
  readonly canaryIn?: readonly DemoCluster[];
  /** Clusters in which a new version is made ready beside the old one, then gets all requests at once. */
  readonly blueGreenIn?: readonly DemoCluster[];
  /** Clusters in which it runs on every device, and a wave brings new versions to them. */
  readonly waveIn?: readonly DemoCluster[];
}

/** The services in the order in which the portal lists them. */
export const services: readonly DemoService[] = [
  {
    name: 'parcel-vision',
    description: 'Reads labels and measures parcels on the belt',
    system: 'sorting',
    owner: 'team-vision',
    hasLocalStage: true,
    history: [
      {
        version: '2.7.1',
        author: 'nils',
        subject: 'Free the GPU after sleep',
        daysAgo: 31,
      },
      {
        version: '2.7.2',
        author: 'mia',
        subject: 'Skip blurred frames early',
        daysAgo: 23,
      },
      {
        version: '2.7.3',
        author: 'mia',
        subject: 'Let the offline queue survive power loss',
        daysAgo: 9,
      },
      {
        version: '2.8.0',
        author: 'jonas',
        subject: 'Move to model v14 with batched inference',
        daysAgo: 2,
      },
    ],
    deployed: {
      'cloud-staging': '2.8.0',
      'cloud-production': '2.7.3',
      'edge-staging': '2.7.3',
      'edge-production': '2.7.2',
    },
    replicas: 4,
  },
  {
    name: 'belt-control',
    description: 'Drives belts and chutes, and stops them',
    system: 'sorting',
    owner: 'team-belts',
    hasLocalStage: true,
    history: [
      {
        version: '5.5.7',
        author: 'nils',
        subject: 'Count parcels behind the last gate',
        daysAgo: 29,
      },
      {
        version: '5.5.8',
        author: 'nils',
        subject: 'Slow down before a full chute',
        daysAgo: 16,
      },
      {
        version: '5.6.0',
        author: 'nils',
        subject: 'Follow the light curtain on both sides',
        daysAgo: 5,
      },
    ],
    deployed: {
      'cloud-staging': '5.6.0',
      'cloud-production': '5.6.0',
      'edge-staging': '5.6.0',
      'edge-production': '5.5.8',
    },
    replicas: 2,
    waveIn: ['edge-production'],
  },
  {
    name: 'label-api',
    description: 'Answers what a label means and where its parcel goes',
    system: 'sorting',
    owner: 'team-labels',
    hasLocalStage: true,
    history: [
      {
        version: '4.2.0',
        author: 'jonas',
        subject: 'Answer for a whole roll cage at once',
        daysAgo: 26,
      },
      {
        version: '4.2.1',
        author: 'nils',
        subject: 'Cache routes for a minute',
        daysAgo: 12,
      },
      {
        version: '4.2.2',
        author: 'nils',
        subject: 'Accept the new carrier codes',
        daysAgo: 1,
      },
    ],
    deployed: { 'cloud-staging': '4.2.2', 'cloud-production': '4.2.1' },
    replicas: 3,
    canaryIn: ['cloud-production'],
  },
  {
    name: 'tracking-web',
    description: 'Shows people where their parcel is',
    system: 'tracking',
    owner: 'team-tracking',
    hasLocalStage: false,
    history: [
      {
        version: '1.6.3',
        author: 'mia',
        subject: 'Say when a parcel rests at a hub',
        daysAgo: 19,
      },
      {
        version: '1.6.4',
        author: 'nils',
        subject: 'Show the hub on the map',
        daysAgo: 8,
      },
      {
        version: '1.6.5',
        author: 'nils',
        subject: 'Load the history page by page',
        daysAgo: 1,
      },
    ],
    deployed: { 'cloud-staging': '1.6.5', 'cloud-production': '1.6.4' },
    replicas: 3,
  },
  {
    name: 'arrival-times',
    description: 'Says on which day and in which hours a parcel arrives',
    system: 'tracking',
    owner: 'team-tracking',
    hasLocalStage: false,
    history: [
      {
        version: '3.0.3',
        author: 'mia',
        subject: 'Know the public holidays of each region',
        daysAgo: 27,
      },
      {
        version: '3.0.4',
        author: 'nils',
        subject: 'Round to whole hours',
        daysAgo: 11,
      },
      {
        version: '3.1.0',
        author: 'nils',
        subject: 'Learn from the tours of the last month',
        daysAgo: 2,
      },
    ],
    deployed: { 'cloud-staging': '3.1.0', 'cloud-production': '3.0.4' },
    replicas: 2,
    blueGreenIn: ['cloud-production'],
  },
];

/** The image of a service, without tag. */
export function imageOf(service: Pick<DemoService, 'name'>): string {
  return `registry.norden.example/${service.name}`;
}

/** The variants of a service in a cluster: one per kind of device at edge production, else the service itself. */
export function variantsIn(
  cluster: DemoCluster,
): readonly (string | undefined)[] {
  return cluster === 'edge-production' ? edgeVariants : [undefined];
}
