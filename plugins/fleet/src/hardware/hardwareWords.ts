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
