// SPDX-License-Identifier: Apache-2.0

/** The words of the field for kinds of device, a part of the words of the fleet pages. */
export const hardwareWords = {
  counting: 'Counting the devices of the fleet',
  none: 'No device yet',
  missing:
    'The fleet has no device of the kind {{kind}} yet. You can go on: what is made for it waits until one joins.',
  empty:
    'The portal knows of no device there yet, so there is nothing to count. You can choose all the same: what is made for a device waits until it joins.',
  unread:
    'The fleet could not be read, so its devices are not counted. You can choose all the same.',
  silent: 'Not heard from now, and counted as last known: {{clusters}}.',
  others_one:
    '{{count, number}} device more is of none of these kinds; the service will not run on it.',
  others_other:
    '{{count, number}} devices more are of none of these kinds; the service will not run on them.',
} as const;

/** The words of the field for sites, a part of the words of the fleet pages. */
export const siteWords = {
  reading: 'Reading the sites of the fleet',
  search: 'Search, or type a new name',
  chosen: 'Chosen sites',
  all: 'All sites',
  ofKinds: '{{number, number}} of the chosen kinds',
  allOfKinds: 'all of the chosen kinds',
  noLabel: 'no node has the label',
  lacking_one: '{{count, number}} node lacks the label',
  lacking_other: '{{count, number}} nodes lack the label',
  use: 'Use “{{name}}”',
  notThere: 'The fleet has no such site yet',
  unproven: 'Not compared with the fleet',
  more_one: 'And {{count, number}} site more',
  more_other: 'And {{count, number}} sites more',
  type: 'Type the name of a site',
  moreHow: 'Type a part of the name to find it',
  impossible: '“{{site}}” can not be the label of a site.',
  impossibleHow:
    'A label has at most 63 letters, digits, dashes, dots and underscores, and begins and ends with a letter or digit.',
  unknown:
    'The fleet has no site {{site}} yet. You can go on: what is made for it waits until a node there has the label {{label}}.',
  unlabelled:
    'No node at {{site}} has the label {{label}}, and the label is what counts: nothing runs there until its nodes have it.',
  partly_one:
    '{{count, number}} device at {{site}} lacks the label {{label}} on its node; nothing runs on it until it has it.',
  partly_other:
    '{{count, number}} devices at {{site}} lack the label {{label}} on their nodes; nothing runs on them until they have it.',
  otherKinds:
    'No device at {{site}} is of the chosen kinds yet. You can go on: what is made for the site waits until one joins.',
  empty:
    'The portal knows of no site there yet. You can type the name of one: what is made for it waits until its devices join.',
  unread:
    'The fleet could not be read, so its sites are not listed. You can type their names all the same.',
} as const;
