// SPDX-License-Identifier: Apache-2.0
import { conditionOf } from '../cluster/observed';
import type { Health, Telemetry, Axis, AxisReason, Reading } from './device';
import type { HardwareLimits, Limit } from './limits';
import type { ObservedNode } from './observed';

/** Something that is wrong with a device. */
interface Finding {
  readonly health: 'warning' | 'critical';
  readonly code: string;
  readonly message: string;
}

/** Conditions that are a problem when they are true, of Kubernetes and of the node problem detector. */
const troubles: Readonly<
  Record<string, Pick<Finding, 'health' | 'code'> & { readonly title: string }>
> = {
  MemoryPressure: {
    health: 'warning',
    code: 'memoryPressure',
    title: 'Memory is short',
  },
  DiskPressure: {
    health: 'critical',
    code: 'diskPressure',
    title: 'Storage is full',
  },
  PIDPressure: {
    health: 'warning',
    code: 'processPressure',
    title: 'Too many processes run',
  },
  NetworkUnavailable: {
    health: 'critical',
    code: 'networkUnavailable',
    title: 'The network of pods is not set up',
  },
  ReadonlyFilesystem: {
    health: 'critical',
    code: 'readOnlyStorage',
    title: 'Storage can only be read',
  },
  KernelDeadlock: {
    health: 'critical',
    code: 'kernelDeadlock',
    title: 'The kernel hangs',
  },
};

/**
 * How a device that we hear does, by its conditions and what was measured lately. What happened only
 * earlier since it was switched on, and what nobody reports, makes no difference.
 */
export function describeHealth(
  facts: {
    readonly node: ObservedNode;
    readonly telemetry?: Telemetry;
    readonly limits: HardwareLimits;
  },
  now: number,
): Axis<Health> {
  const findings = [
    ...findInConditions(facts.node),
    ...findMissingGraphics(facts.node, facts.limits),
    ...findInTelemetry(facts.telemetry, facts.limits, now),
  ];
  if (findings.length === 0) return { state: 'ok' };
  const worstFirst = [
    ...findings.filter(({ health }) => health === 'critical'),
    ...findings.filter(({ health }) => health === 'warning'),
  ];
  return { state: worstFirst[0].health, reason: reasonOf(worstFirst) };
}

function reasonOf(findings: readonly Finding[]): AxisReason {
  return {
    code: findings[0].code,
    message: `${findings.map(({ message }) => message).join('. ')}.`,
  };
}

function findInConditions(node: ObservedNode): readonly Finding[] {
  const ready = conditionOf(node, 'Ready');
  const unready: readonly Finding[] =
    ready && ready.status !== 'True'
      ? [
          {
            health: ready.status === 'False' ? 'critical' : 'warning',
            code: 'notReady',
            message: `The kubelet is not ready${said(ready.message)}`,
          },
        ]
      : [];
  const others = node.conditions.flatMap(({ type, status, message }) => {
    const trouble =
      status === 'True' && Object.hasOwn(troubles, type)
        ? troubles[type]
        : undefined;
    return trouble
      ? [{ ...trouble, message: `${trouble.title}${said(message)}` }]
      : [];
  });
  return [...unready, ...others];
}

function findMissingGraphics(
  { graphicsProcessors = 0 }: ObservedNode,
  limits: HardwareLimits,
): readonly Finding[] {
  return graphicsProcessors < limits.graphicsProcessors
    ? [
        {
          health: 'critical',
          code: 'graphicsMissing',
          message: `${graphicsProcessors} of ${limits.graphicsProcessors} graphics processors can be used`,
        },
      ]
    : [];
}

function findInTelemetry(
  telemetry: Telemetry | undefined,
  limits: HardwareLimits,
  now: number,
): readonly Finding[] {
  if (!telemetry) return [];
  const recent = <T extends { readonly at: string }>(value: T | undefined) =>
    value && now - Date.parse(value.at) <= limits.telemetryAge
      ? value
      : undefined;
  const { temperature, storage, memory } = telemetry.readings;
  return [
    ...beyond('hot', 'Hot', recent(temperature), limits.temperature),
    ...beyond('storageFull', 'Storage', recent(storage), limits.storage),
    ...beyond('memoryFull', 'Memory', recent(memory), limits.memory),
    ...complains(
      recent(telemetry.throttled)?.now,
      'throttled',
      'It is slowed down by heat or power',
    ),
    ...complains(
      recent(telemetry.undervoltage)?.now,
      'undervoltage',
      'Its supply is too weak',
    ),
  ];
}

function beyond(
  code: string,
  title: string,
  reading: Reading | undefined,
  limit: Limit,
): readonly Finding[] {
  if (!reading || !(reading.value >= limit.warning)) return [];
  const isCritical = reading.value >= limit.critical;
  const value = Math.round(reading.value);
  return [
    {
      health: isCritical ? 'critical' : 'warning',
      code,
      message: `${title}: ${value} ${reading.unit}, limit ${
        isCritical ? limit.critical : limit.warning
      }`,
    },
  ];
}

function complains(
  now: boolean | undefined,
  code: string,
  message: string,
): readonly Finding[] {
  return now ? [{ health: 'warning', code, message }] : [];
}

/** What a kubelet adds, cut to a readable length. It is text for people and nothing else. */
function said(message: string | undefined): string {
  return message ? `: ${message.slice(0, 200).replace(/\.$/, '')}` : '';
}
