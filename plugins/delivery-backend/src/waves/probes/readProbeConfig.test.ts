// SPDX-License-Identifier: Apache-2.0
import { ConfigReader } from '@backstage/config';
import { readProbeConfig } from './readProbeConfig';

const image = 'registry.example/belt-probe:1.4.0';
const command = ['/probe'];
const read = (probes: object) =>
  readProbeConfig(new ConfigReader({ delivery: { waves: { probes } } }));

it('reads probes by name, with what is usual', () => {
  expect(readProbeConfig(new ConfigReader({}))).toEqual(new Map());
  const full = {
    image: `registry.example:5000/belt-probe@sha256:${'a'.repeat(64)}`,
    command: ['/probe', '--once'],
    timeoutSeconds: 30,
    startSeconds: 300,
    serviceAccount: 'probes',
    namespace: 'probes',
  };
  const { timeoutSeconds: timeout, startSeconds: start, ...same } = full;
  expect([
    ...read({ 'belt-moves': { image, command }, 'belt-2': full }).values(),
  ]).toEqual([
    { name: 'belt-moves', image, command, timeout: 60, start: 120 },
    { name: 'belt-2', timeout, start, ...same },
  ]);
});

it.each<[string, object, string]>([
  ['an image of any version', { image: 'belt-probe', command }, 'image'],
  ['the latest image', { image: 'belt-probe:latest', command }, 'image'],
  ['no image', { image: 'belt probe', command }, 'image'],
  ['no program', { image, command: [] }, 'command'],
  ['no time', { image, command, timeoutSeconds: 0 }, 'timeoutSeconds'],
  ['all day', { image, command, startSeconds: 86_400 }, 'startSeconds'],
])('refuses %s, and names the setting', (_, probe, key) => {
  expect(() => read({ 'belt-moves': probe })).toThrow(
    `delivery.waves.probes.belt-moves.${key}`,
  );
});

it.each(['Belt', '-belt', 'belt-', 'b'.repeat(41)])(
  'refuses the name %s, which no pipeline could write',
  name => {
    expect(() => read({ [name]: { image, command } })).toThrow('lower-case');
  },
);
