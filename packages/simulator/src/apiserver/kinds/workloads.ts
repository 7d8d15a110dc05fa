// SPDX-License-Identifier: Apache-2.0
import { isJsonObject, listAt, objectAt, sameJson, textAt } from '../objects';
import type { JsonObject, KubeObject } from '../objects';
import { cronJob, workload } from '../patch/mergeSchema';
import { field } from '../selectors/fieldSelector';
import { labelSelectorOf } from '../selectors/labelSelector';
import { invalidField, requiredField } from '../status';
import type { Cause } from '../status';
import {
  ageColumn,
  column,
  nameColumn,
  numberColumn,
  outOf,
  textColumn,
  workloadColumns,
} from '../table/columns';
import { ageOf, humanDuration } from '../table/humanDuration';
import { defineKind } from './defineKind';
import { templateDefaults } from './podDefaults';
import type { ResourceType, ScalePaths } from './ResourceType';

const apps = { group: 'apps', version: 'v1' } as const;
const batch = { group: 'batch', version: 'v1' } as const;
const withStatus = { statusSubresource: true, counted: true } as const;

const replicas: ScalePaths = {
  specReplicas: ['spec', 'replicas'],
  statusReplicas: ['status', 'replicas'],
};

/** Deployments, ReplicaSets, DaemonSets, StatefulSets, Jobs and their kin. */
export const workloadKinds: readonly ResourceType[] = [
  defineKind({
    ...apps,
    ...withStatus,
    kind: 'Deployment',
    plural: 'deployments',
    shortNames: ['deploy'],
    categories: ['all'],
    scale: replicas,
    mergeSchema: workload,
    columns: [
      nameColumn,
      outOf('Ready', 'status.readyReplicas', 'spec.replicas'),
      numberColumn('Up-to-date', 'status.updatedReplicas'),
      numberColumn('Available', 'status.availableReplicas'),
      ageColumn,
      ...workloadColumns,
    ],
    defaults: object =>
      withSpec(object, spec => ({
        replicas: 1,
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
        ...spec,
        strategy: rollingDefaults(spec.strategy, {
          maxUnavailable: '25%',
          maxSurge: '25%',
        }),
      })),
    validate: validateSelector,
  }),
  defineKind({
    ...apps,
    ...withStatus,
    kind: 'ReplicaSet',
    plural: 'replicasets',
    shortNames: ['rs'],
    categories: ['all'],
    scale: replicas,
    mergeSchema: workload,
    selectableFields: [field('status.replicas', '0')],
    columns: [
      nameColumn,
      numberColumn('Desired', 'spec.replicas'),
      numberColumn('Current', 'status.replicas'),
      numberColumn('Ready', 'status.readyReplicas'),
      ageColumn,
      ...workloadColumns,
    ],
    defaults: object => withSpec(object, spec => ({ replicas: 1, ...spec })),
    validate: validateSelector,
  }),
  defineKind({
    ...apps,
    ...withStatus,
    kind: 'DaemonSet',
    plural: 'daemonsets',
    shortNames: ['ds'],
    categories: ['all'],
    mergeSchema: workload,
    columns: [
      nameColumn,
      numberColumn('Desired', 'status.desiredNumberScheduled'),
      numberColumn('Current', 'status.currentNumberScheduled'),
      numberColumn('Ready', 'status.numberReady'),
      numberColumn('Up-to-date', 'status.updatedNumberScheduled'),
      numberColumn('Available', 'status.numberAvailable'),
      column('Node Selector', object => {
        const selector = objectAt(
          object,
          ...['spec', 'template', 'spec', 'nodeSelector'],
        );
        const terms = Object.entries(selector).map(([k, v]) => `${k}=${v}`);
        return terms.join(',') || '<none>';
      }),
      ageColumn,
      ...workloadColumns,
    ],
    defaults: object =>
      withSpec(object, spec => ({
        revisionHistoryLimit: 10,
        ...spec,
        updateStrategy: rollingDefaults(spec.updateStrategy, {
          maxUnavailable: 1,
          maxSurge: 0,
        }),
      })),
    validate: validateSelector,
  }),
  defineKind({
    ...apps,
    ...withStatus,
    kind: 'StatefulSet',
    plural: 'statefulsets',
    shortNames: ['sts'],
    categories: ['all'],
    scale: replicas,
    mergeSchema: workload,
    columns: [
      nameColumn,
      outOf('Ready', 'status.readyReplicas', 'spec.replicas'),
      ageColumn,
      ...workloadColumns.slice(0, 2),
    ],
    defaults: object =>
      withSpec(object, spec => ({
        replicas: 1,
        revisionHistoryLimit: 10,
        podManagementPolicy: 'OrderedReady',
        ...spec,
        updateStrategy: rollingDefaults(spec.updateStrategy, { partition: 0 }),
      })),
    validate: validateSelector,
  }),
  defineKind({
    ...apps,
    kind: 'ControllerRevision',
    plural: 'controllerrevisions',
    columns: [
      nameColumn,
      column('Controller', ({ metadata: { ownerReferences = [] } }) => {
        const owner = ownerReferences.find(({ controller }) => controller);
        return owner ? `${owner.kind.toLowerCase()}/${owner.name}` : '<none>';
      }),
      column('Revision', object => textAt(object, 'revision')),
      ageColumn,
    ],
  }),
  defineKind({
    ...batch,
    ...withStatus,
    kind: 'Job',
    plural: 'jobs',
    defaultPropagation: 'Orphan',
    categories: ['all'],
    mergeSchema: workload,
    selectableFields: [
      {
        label: 'status.successful',
        path: ['status', 'succeeded'],
        absent: '0',
      },
    ],
    columns: [
      nameColumn,
      column('Status', jobStatus),
      outOf('Completions', 'status.succeeded', 'spec.completions'),
      column('Duration', jobDuration),
      ageColumn,
      ...workloadColumns,
    ],
    defaults: object =>
      withSpec(object, spec => ({
        parallelism: 1,
        ...(spec.parallelism === undefined && { completions: 1 }),
        backoffLimit: 6,
        completionMode: 'NonIndexed',
        suspend: false,
        manualSelector: false,
        podReplacementPolicy: 'TerminatingOrFailed',
        ...spec,
      })),
    atCreation: object =>
      objectAt(object, 'spec').manualSelector === true
        ? object
        : withOwnSelector(object),
  }),
  defineKind({
    ...batch,
    ...withStatus,
    kind: 'CronJob',
    plural: 'cronjobs',
    shortNames: ['cj'],
    categories: ['all'],
    mergeSchema: cronJob,
    columns: [
      nameColumn,
      textColumn('Schedule', 'spec.schedule'),
      textColumn('Timezone', 'spec.timeZone', '<none>'),
      column('Suspend', object => {
        return textAt(object, 'spec', 'suspend') === 'true' ? 'True' : 'False';
      }),
      column('Active', object => listAt(object, 'status', 'active').length, {
        type: 'integer',
      }),
      column('Last Schedule', (object, now) => {
        const last = textAt(object, 'status', 'lastScheduleTime');
        return last ? ageOf(last, now) : '<none>';
      }),
      ageColumn,
    ],
  }),
];

function withSpec(
  object: KubeObject,
  defaults: (spec: JsonObject) => JsonObject,
): KubeObject {
  const spec = defaults(objectAt(object, 'spec'));
  return {
    ...object,
    spec: { ...spec, template: templateDefaults(spec.template) },
  };
}

/** A job finds its pods by its own identity, which its template carries. */
function withOwnSelector(job: KubeObject): KubeObject {
  const spec = objectAt(job, 'spec');
  const template = objectAt(spec, 'template');
  const { name = '', uid = '' } = job.metadata;
  const identity = { 'batch.kubernetes.io/controller-uid': uid };
  const labels = {
    'job-name': name,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    ...identity,
    ...objectAt(template, 'metadata', 'labels'),
  };
  const selector = objectAt(spec, 'selector');
  return {
    ...job,
    spec: {
      ...spec,
      selector: {
        ...selector,
        matchLabels: { ...identity, ...objectAt(selector, 'matchLabels') },
      },
      template: {
        ...template,
        metadata: { ...objectAt(template, 'metadata'), labels },
      },
    },
  };
}

function rollingDefaults(
  strategy: JsonObject[string],
  rolling: JsonObject,
): JsonObject {
  const given = objectAt(strategy);
  const type = given.type ?? 'RollingUpdate';
  if (type !== 'RollingUpdate') return { ...given, type };
  return {
    ...given,
    type,
    rollingUpdate: { ...rolling, ...objectAt(given, 'rollingUpdate') },
  };
}

/** The selector must be there, fit the template and never change. */
function validateSelector(
  object: KubeObject,
  previous?: KubeObject,
): readonly Cause[] {
  const selector = objectAt(object, 'spec').selector;
  if (!isJsonObject(selector)) return [requiredField('spec.selector')];
  const labels = objectAt(object, 'spec', 'template', 'metadata', 'labels');
  const texts = Object.fromEntries(
    Object.entries(labels).map(([key, value]) => [key, String(value)]),
  );
  if (!labelSelectorOf(selector)(texts)) {
    return [
      invalidField(
        'spec.template.metadata.labels',
        labels,
        '`selector` does not match template `labels`',
      ),
    ];
  }
  const before = previous && objectAt(previous, 'spec').selector;
  if (before !== undefined && !sameJson(before, selector)) {
    return [invalidField('spec.selector', selector, 'field is immutable')];
  }
  return [];
}

function jobStatus(job: KubeObject): string {
  const conditions = listAt(job, 'status', 'conditions');
  const holds = (type: string) =>
    conditions.some(
      condition =>
        textAt(condition, 'type') === type &&
        textAt(condition, 'status') === 'True',
    );
  const known = ['Complete', 'Failed', 'Suspended', 'FailureTarget'];
  const found = known.find(holds);
  if (found) return found;
  return job.metadata.deletionTimestamp ? 'Terminating' : 'Running';
}

function jobDuration(job: KubeObject, now: Date): string {
  const start = textAt(job, 'status', 'startTime');
  if (!start) return '';
  const end = textAt(job, 'status', 'completionTime');
  const until = end ? Date.parse(end) : now.getTime();
  return humanDuration(until - Date.parse(start));
}
