// SPDX-License-Identifier: Apache-2.0
import { isSelector } from '@causeway/plugin-delivery-common';
import {
  canaryQueries,
  checkQueries,
  defaultCanaryQueries,
  type ArmQueries,
} from './canaryQueries';
import { selects } from './selector';

const checkout = { namespace: 'shop', workload: 'checkout' };

function armsOf(
  source = checkout,
  queries = defaultCanaryQueries,
): { readonly baseline: ArmQueries; readonly canary: ArmQueries } {
  const found = canaryQueries(source, queries);
  if ('problem' in found) throw new Error(found.problem);
  return found;
}

describe('queries of a canary', () => {
  it('ask for the stored counters of both arms', () => {
    const letters = '[bcdfghjklmnpqrstvwxz2456789]';
    const suffix = `-${letters}{1,10}-${letters}{5}`;
    const { baseline, canary } = armsOf();
    expect(canary.requests).toBe(
      `http_requests_total{namespace="shop",pod=~"checkout${suffix}"}`,
    );
    expect(baseline.latency).toBe(
      `http_request_duration_seconds_bucket{namespace="shop",pod=~"checkout-primary${suffix}"}`,
    );
  });

  it.each([
    ['checkout-7d9f8c6b54-x2x4z', 'canary'],
    ['checkout-primary-7d9f8c6b54-x2x4z', 'baseline'],
    ['checkout-primary-5c4d', 'none'],
    ['checkout-worker-x2x4z', 'none'],
    ['checkout-web-7d9f8c6b54-x2x4z', 'none'],
    ['my-checkout-7d9f8c6b54-x2x4z', 'none'],
    ['checkout-0', 'none'],
    ['checkout-primary-x2x4z', 'none'],
  ])('take %s for a pod of: %s', (pod, expected) => {
    const arms = armsOf();
    const takers = (['canary', 'baseline'] as const).filter(
      arm =>
        arms[arm].pods.test(pod) &&
        selects(arms[arm].requests)({ namespace: 'shop', pod }),
    );
    expect(takers).toEqual(expected === 'none' ? [] : [expected]);
  });

  it('take a dot in a name for a dot', () => {
    const { canary } = armsOf({ namespace: 'shop', workload: 'a.b' });
    expect(canary.pods.test('a.b-7d9f8-x2x4z')).toBe(true);
    expect(canary.pods.test('axb-7d9f8-x2x4z')).toBe(false);
    expect(canary.requests).toContain('a[.]b-');
  });

  it.each(['', 'Shop', 'a"b', 'a{b}', '-a', 'a\nb', 'a'.repeat(300)])(
    'are not made for %j, which no Kubernetes has',
    workload => {
      expect(
        canaryQueries({ namespace: 'shop', workload }, defaultCanaryQueries),
      ).toEqual({ problem: expect.stringContaining('no name of Kubernetes') });
    },
  );

  it('can be made with templates of one’s own', () => {
    const { baseline } = armsOf(checkout, {
      ...defaultCanaryQueries,
      requests:
        'istio_requests_total{destination_workload="{{ workload }}",reporter="source"}',
      errors: 'failures{ns="{{namespace}}",pod=~"{{pod_regex}}"}',
    });
    expect(baseline.requests).toBe(
      'istio_requests_total{destination_workload="checkout-primary",reporter="source"}',
    );
    expect(baseline.errors).toMatch(/^failures\{ns="shop",pod=~"checkout-pr/);
  });

  it.each([
    [{}, []],
    [
      { requests: 'x{pod=~"{{pods}}"}' },
      [
        'requests uses {{pods}}; there are {{namespace}}, {{workload}} and {{pod_regex}}.',
      ],
    ],
    [
      { cpuPercent: 'avg(cpu{namespace="{{namespace}}"})' },
      [
        'cpuPercent must use {{workload}} or {{pod_regex}}, or canary and baseline can not be told apart.',
      ],
    ],
    [
      { latency: 'rate(x{w="{{workload}}"}[1m])' },
      [
        'latency must be a plain selector like name{label="value"}, without functions or ranges.',
      ],
    ],
    [
      { errors: 'x{w="{{workload}}"}[5m]' },
      [
        'errors must be a plain selector like name{label="value"}, without functions or ranges.',
      ],
    ],
    [{ errorPattern: '5(' }, ['errorPattern is no regular expression.']],
  ])('%j is checked', (templates, problems) => {
    expect(checkQueries({ ...defaultCanaryQueries, ...templates })).toEqual(
      problems,
    );
  });
});

describe('a selector', () => {
  it.each([
    ['up', true],
    ['up{}', true],
    ['job:up:sum{a="b",c!~"d}"}', true],
    ['{__name__="up"}', true],
    ['up{a=~"5[0-9]{2}"}', true],
    ["up{a='b'}", true],
    ['{}', false],
    ['up{a="b"}[5m]', false],
    ['up offset 5m', false],
    ['sum(up)', false],
    ['up or up', false],
    ['up + 1', false],
    ['', false],
  ])('%j is one: %s', (promql, expected) => {
    expect(isSelector(promql)).toBe(expected);
  });

  it.each([
    ['up{a="b"}', { a: 'b' }, true],
    ['up{a="b"}', { a: 'bb' }, false],
    ['up{a="b"}', {}, false],
    ['up{a!="b"}', {}, true],
    ['up{a=~"b|c"}', { a: 'c' }, true],
    ['up{a=~"b|c"}', { a: 'cd' }, false],
    ['up{a!~"b.*"}', { a: 'bcd' }, false],
    ['up{a=~"x\\\\.y"}', { a: 'x.y' }, true],
    ['up{a=~"x\\\\.y"}', { a: 'xzy' }, false],
    ['up', { __name__: 'down' }, false],
    ['{a="b"}', { a: 'b', __name__: 'any' }, true],
    ['up{a=~"(?i)b"}', { a: 'B' }, true],
  ])('%j takes %j: %s', (selector, labels, expected) => {
    expect(selects(selector)(labels)).toBe(expected);
  });
});
