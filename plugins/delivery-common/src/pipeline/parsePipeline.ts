// SPDX-License-Identifier: Apache-2.0
import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { defaultDrillPolicy, type DrillPolicy } from '../drill/drill';
import { checkProblems } from './customChecks';
import { readDocument } from './documentReading';
import { checkedDuration } from './duration';
import { meaningProblems } from './meaningProblems';
import { buildStrategy, type StrategyDocument } from './strategy';
import type {
  GateDefinition,
  Pipeline,
  PipelineProblem,
  Stage,
  Target,
} from './pipeline';
import { probeProblems } from './probeProblems';
import { schemaProblems } from './schemaProblems';

/** What a document may leave out, and what its names are checked against. */
export interface PipelineContext {
  /** Entity ref of the service that the document belongs to. */
  readonly service: string;
  /** Names of the portal's clusters; undefined while they are not known, then names are not checked. */
  readonly clusters?: readonly string[];
  /** Names of the probes that the portal can run by Jobs; not checked when left out. */
  readonly probes?: readonly string[];
  readonly defaults: {
    readonly fleet?: { readonly repository: string; readonly branch: string };
    /** Kubernetes namespace; default is the catalog namespace of the service. */
    readonly namespace?: string;
  };
}

/** A pipeline, or every problem of the document. Never both. */
export type PipelineParsing =
  | { readonly pipeline: Pipeline; readonly problems?: undefined }
  | {
      readonly pipeline?: undefined;
      readonly problems: readonly PipelineProblem[];
    };

/**
 * Reads a pipeline document. Total: any text gives a pipeline or at least one problem with a line
 * and a column, sorted as they stand in the text.
 */
export function parsePipeline(
  text: string,
  context: PipelineContext,
): PipelineParsing {
  const reading = readDocument(text);
  if (reading.value === undefined || reading.value === null) {
    return {
      problems:
        reading.problems.length > 0
          ? reading.problems
          : [
              {
                line: 1,
                column: 1,
                code: 'empty',
                message:
                  'The document is empty. Start with `apiVersion: causeway.dev/v1`.',
              },
            ],
    };
  }
  const document = reading.value as PipelineDocument;
  const fleet = document.fleet ?? context.defaults.fleet;
  const problems = [
    ...reading.problems,
    ...schemaProblems(reading),
    ...meaningProblems(reading, context.clusters),
    ...checkProblems(reading),
    ...probeProblems(reading, context.probes),
    ...(fleet
      ? []
      : [
          {
            ...reading.at([]),
            code: 'noFleet',
            message:
              'No fleet repository: set `fleet.repository` here, or `delivery.fleet` in the portal.',
          },
        ]),
  ];
  if (problems.length > 0 || !fleet) {
    return {
      problems: [...problems].sort(
        (left, right) => left.line - right.line || left.column - right.column,
      ),
    };
  }
  return { pipeline: build(document, fleet, context) };
}

/** The document's shape once the schema accepted it. */
interface PipelineDocument {
  readonly images: readonly string[];
  readonly namespace?: string;
  readonly fleet?: { readonly repository: string; readonly branch?: string };
  readonly stages: readonly StageDocument[];
}

interface StageDocument {
  readonly name: string;
  readonly title?: string;
  readonly kind: Stage['kind'];
  readonly after?: readonly string[];
  readonly promotion?: Stage['promotion'];
  readonly targets?: readonly (string | TargetDocument)[];
  readonly gates?: readonly GateDocument[];
  readonly strategy?: StrategyDocument;
  readonly drills?: DrillsDocument;
}

interface DrillsDocument {
  readonly sites?: readonly string[];
  readonly sitePercent?: number;
  readonly longest?: string;
}

interface TargetDocument {
  readonly cluster: string;
  readonly variant?: string;
  readonly device?: string;
  readonly devices?: readonly string[];
  readonly nodeGroups?: readonly string[];
  readonly path?: string;
  readonly kustomization?: string;
  readonly workload?: string;
}

interface GateDocument {
  readonly approval?: {
    readonly name?: string;
    readonly group: string;
    readonly count?: number;
    readonly expires?: string;
  };
  readonly soak?: {
    readonly name?: string;
    readonly stage: string;
    readonly for: string;
  };
  readonly drill?: {
    readonly name?: string;
    readonly stage: string;
    readonly passed: readonly string[];
    readonly within?: string;
  };
  readonly deviceHealth?: DeviceHealthDocument;
}

interface DeviceHealthDocument {
  readonly name?: string;
  readonly stage: string;
  readonly healthyPercent: number;
  readonly for: string;
  /** `ignore`, `count` or a duration. */
  readonly away?: string;
  readonly atLeast?: number;
}

function build(
  document: PipelineDocument,
  fleet: { readonly repository: string; readonly branch?: string },
  context: PipelineContext,
): Pipeline {
  const service = parseEntityRef(context.service);
  const namespace =
    document.namespace ?? context.defaults.namespace ?? service.namespace;
  const stages = document.stages.map((stage, index): Stage => {
    const previous = document.stages[index - 1]?.name;
    const defaultAfter = previous === undefined ? [] : [previous];
    return {
      name: stage.name,
      title: stage.title ?? titleOf(stage.name),
      kind: stage.kind,
      after: stage.after ?? defaultAfter,
      promotion: stage.promotion ?? 'manual',
      gates: namedApart((stage.gates ?? []).map(buildGate)),
      targets: (stage.targets ?? []).flatMap(target =>
        buildTargets(
          typeof target === 'string' ? { cluster: target } : target,
          service.name,
          namespace,
          stage.strategy,
        ),
      ),
      ...(stage.strategy && buildStrategy(stage.strategy)),
      ...(stage.drills && { drills: buildDrills(stage.drills) }),
    };
  });
  return {
    service: context.service,
    images: document.images,
    fleet: { repository: fleet.repository, branch: fleet.branch ?? 'main' },
    stages: inOrder(stages),
  };
}

/** One target, or one for each of its devices or node groups. */
function buildTargets(
  { devices, nodeGroups, ...document }: TargetDocument,
  service: string,
  namespace: string,
  strategy: StrategyDocument | undefined,
): readonly Target[] {
  const target = buildTarget(document, service, namespace, strategy);
  if (nodeGroups)
    return nodeGroups.map(nodeGroup => ({
      ...target,
      nodeGroup,
      workload: {
        ...target.workload,
        kind: 'Deployment',
        // KubeEdge names them so.
        name: `${target.workload.name}-${nodeGroup}`,
      },
    }));
  if (!devices) return [target];
  const { path, kustomization, workload } = target;
  return devices.map(device => ({
    ...target,
    device,
    path: `${path}/${device}`,
    kustomization: {
      ...kustomization,
      name: `${kustomization.name}-${device}`,
    },
    workload: {
      ...workload,
      kind: 'Deployment',
      name: `${workload.name}-${device}`,
    },
  }));
}

function buildTarget(
  target: TargetDocument,
  service: string,
  namespace: string,
  strategy: StrategyDocument | undefined,
): Target {
  const blueGreen = strategy?.blueGreen;
  const suffix = target.variant ? `-${target.variant}` : '';
  const folder = target.variant ? `/${target.variant}` : '';
  const workload = target.workload ?? `${namespace}/${service}${suffix}`;
  return {
    cluster: target.cluster,
    path:
      target.path ?? `services/${service}/overlays/${target.cluster}${folder}`,
    kustomization: namespacedName(
      target.kustomization ?? `flux-system/${service}${suffix}`,
    ),
    workload: {
      kind: strategy?.wave && !target.device ? 'DaemonSet' : 'Deployment',
      ...namespacedName(workload),
    },
    ...(blueGreen && { coloured: true }),
    ...(blueGreen?.smokeTest && { smokeTest: blueGreen.smokeTest }),
    ...(target.device && { device: target.device }),
  };
}

function namespacedName(text: string): { namespace: string; name: string } {
  const [namespace, name] = text.split('/');
  return { namespace, name };
}

function buildGate(gate: GateDocument): GateDefinition {
  if (gate.approval) {
    const { name, group, count, expires } = gate.approval;
    const ref = stringifyEntityRef(
      parseEntityRef(group, {
        defaultKind: 'group',
        defaultNamespace: 'default',
      }),
    );
    return {
      kind: 'approval',
      name: name ?? `Approval by ${parseEntityRef(ref).name}`,
      group: ref,
      count: count ?? 1,
      expires: checkedDuration(expires ?? '3d'),
    };
  }
  if (gate.soak) {
    return {
      kind: 'soak',
      name: gate.soak.name ?? `Soak in ${titleOf(gate.soak.stage)}`,
      stage: gate.soak.stage,
      duration: checkedDuration(gate.soak.for),
    };
  }
  if (gate.drill) {
    const { name, stage, passed, within } = gate.drill;
    return {
      kind: 'drill',
      name: name ?? `Drills in ${titleOf(stage)}`,
      stage,
      drills: passed,
      maxAge: checkedDuration(within ?? '30d'),
    };
  }
  if (gate.deviceHealth) return buildDeviceHealth(gate.deviceHealth);
  throw new Error('A gate without a kind passed the schema');
}

function buildDeviceHealth(gate: DeviceHealthDocument): GateDefinition {
  const { stage, away = '1d' } = gate;
  return {
    kind: 'deviceHealth',
    name: gate.name ?? `Device health in ${titleOf(stage)}`,
    stage,
    healthyPercent: gate.healthyPercent,
    duration: checkedDuration(gate.for),
    ...(away !== 'count' && {
      ignoreAway: away === 'ignore' ? 0 : checkedDuration(away),
    }),
    atLeast: gate.atLeast ?? 1,
  };
}

function buildDrills({
  sites,
  sitePercent,
  longest,
}: DrillsDocument): DrillPolicy {
  return {
    siteShare:
      sitePercent === undefined
        ? defaultDrillPolicy.siteShare
        : sitePercent / 100,
    longest:
      longest === undefined
        ? defaultDrillPolicy.longest
        : checkedDuration(longest),
    ...(sites && { sites }),
  };
}

/** Gates are told apart by name; the second of the same name is numbered. */
function namedApart(gates: readonly GateDefinition[]): GateDefinition[] {
  const seen = new Map<string, number>();
  return gates.map(gate => {
    const count = (seen.get(gate.name) ?? 0) + 1;
    seen.set(gate.name, count);
    return count === 1 ? gate : { ...gate, name: `${gate.name} (${count})` };
  });
}

/** `cloud-staging` becomes `Cloud staging`, `ci` becomes `CI`. */
function titleOf(name: string): string {
  if (name === 'ci') return 'CI';
  const words = name.replace(/-+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Each stage after those it needs, otherwise in the order of the document. The document has no circle. */
function inOrder(stages: readonly Stage[]): Stage[] {
  const placed: Stage[] = [];
  const left = [...stages];
  while (left.length > 0) {
    const ready = left.findIndex(stage =>
      stage.after.every(name => placed.some(other => other.name === name)),
    );
    if (ready < 0) throw new Error('A circle of stages passed the checks');
    placed.push(...left.splice(ready, 1));
  }
  return placed;
}
