// SPDX-License-Identifier: Apache-2.0
import { ConfigReader } from '@backstage/config';
import { readActionConfig } from './readActionConfig';

const read = (upgrades: object) =>
  readActionConfig(new ConfigReader({ delivery: { actions: { upgrades } } }))
    .upgrades;

it('offers only what is configured, with what is usual', () => {
  expect(read({})).toEqual({});
  expect(read({ k3s: {} })).toEqual({
    k3s: {
      namespace: 'system-upgrade',
      serviceAccount: 'system-upgrade',
      image: 'rancher/k3s-upgrade',
      servers: false,
      timeoutSeconds: 1_800,
    },
  });
  expect(
    read({ edgeCore: { digests: { amd64: `sha256:${'a'.repeat(64)}` } } }),
  ).toEqual({
    edgeCore: {
      image: 'kubeedge/installation-package',
      digests: { amd64: `sha256:${'a'.repeat(64)}` },
      checks: ['disk'],
      requireConfirmation: false,
      timeoutSeconds: 600,
    },
  });
});

it('takes each version of an upgrade of operating systems for one of its own', () => {
  const expect13 = { osImage: 'Debian GNU/Linux 13 (trixie)', reboot: true };
  const debian = {
    title: 'Debian',
    image: `registry.example/os/upgrade:1.4@sha256:${'a'.repeat(64)}`,
    command: ['chroot', '/host'],
    args: ['/usr/local/sbin/upgrade'],
    versions: [
      { version: '13.1', expect: expect13 },
      { version: '13.2', expect: { kernelVersion: '/6\\.12\\..+/' } },
      { version: 'security' },
    ],
    hardware: ['raspberry-pi-5'],
  };
  const common = {
    name: 'debian',
    title: 'Debian',
    upgrade: {
      image: debian.image,
      command: debian.command,
      args: debian.args,
    },
    hardware: ['raspberry-pi-5'],
    servers: false,
    namespace: 'system-upgrade',
    serviceAccount: 'system-upgrade',
    timeoutSeconds: 3_600,
  };
  expect(read({ os: { debian } })).toEqual({
    os: [
      { ...common, version: '13.1', expect: expect13 },
      {
        ...common,
        version: '13.2',
        expect: { kernelVersion: '/6\\.12\\..+/', reboot: false },
      },
      { ...common, version: 'security' },
    ],
  });
  expect(read({ os: {} })).toEqual({});
});

it.each([
  ['registry.example:5000/edge/tools/k3s-upgrade', true],
  ['registry.example/a__b/c--d.e', true],
  // The version is the tag, and a command line on the device has no room for more.
  ['registry.example/k3s-upgrade:v1', false],
  [`registry.example/k3s-upgrade@sha256:${'a'.repeat(64)}`, false],
  ['k3s-upgrade', false],
  ['Registry.example/k3s-upgrade', false],
  ['registry.example/k3s-upgrade;reboot', false],
  ['registry.example/k3s-upgrade --force', false],
  ['registry.example/$(reboot)', false],
  ['registry.example/a\nb', false],
  ['registry.example/../x', false],
  ['', false],
])('takes the image %j: %s', (image, expected) => {
  const isTaken = (kind: string) => {
    try {
      return Boolean(read({ [kind]: { image } }));
    } catch {
      return false;
    }
  };
  expect(['k3s', 'edgeCore'].map(isTaken)).toEqual([expected, expected]);
});

const v13 = { version: '13' };
const os = { image: 'registry.example/os/upgrade', versions: [v13] };
const expecting = (expected: object) => ({
  ...os,
  versions: [{ ...v13, expect: expected }],
});

it.each([
  [{ k3s: { namespace: 'a/b' } }, /namespace/],
  [{ k3s: { timeoutSeconds: 5 } }, /timeoutSeconds/],
  [{ edgeCore: { checks: ['disk; reboot'] } }, /checks/],
  [{ edgeCore: { digests: { arm64: 'sha256:1' } } }, /arm64/],
  [{ os: { 'De bian': os } }, /os\.De bian/],
  [{ os: { debian: { ...os, image: undefined } } }, /image/],
  [{ os: { debian: { ...os, image: 'ex/os; reboot' } } }, /image/],
  [{ os: { debian: { ...os, versions: [] } } }, /versions/],
  [{ os: { debian: { ...os, versions: [v13, v13] } } }, /versions/],
  [{ os: { debian: { ...os, versions: [{ version: '13+1' }] } } }, /label/],
  [{ os: { debian: expecting({ osImage: '/Debian (/' }) } }, /slashes/],
  [{ os: { debian: expecting({ kernelVersion: '' }) } }, /kernelVersion/],
  [{ os: { debian: expecting({}) } }, /expect must name/],
])('names what is wrong in %j', (upgrades, words) => {
  expect(() => read(upgrades)).toThrow(words);
});
