// SPDX-License-Identifier: Apache-2.0
import type { Manifest } from '../flux/Renderer';
import { threeWayPatch } from '../flux/threeWayPatch';
import { Cluster, RunningController } from '../runtime/Cluster';
import { KubernetesObject } from '../runtime/resources';
import { NextVisit, WorkQueue } from '../runtime/WorkQueue';
import {
  ownerReference,
  statusPatch,
  visitChanged,
  visitOwner,
} from '../workloads/owned';
import { canonicalJson } from '../workloads/templateHash';
import { Deployment, deployments } from '../workloads/workloads';
import {
  EdgeApplication,
  edgeApplications,
  ManifestStatus,
} from './edgeApplicationObjects';
import { planEdgeApplication, statusOf } from './planEdgeApplication';

const appliedAnnotation = 'apps.kubeedge.io/last-applied-template';

/** What was made before and is in the plan no more goes; the status knows it. */
async function removeRest(
  { client }: Cluster,
  { status }: EdgeApplication,
  kept: readonly ManifestStatus[],
): Promise<void> {
  const keyOf = ({ identifier }: ManifestStatus) => canonicalJson(identifier);
  const wanted = new Set(kept.map(keyOf));
  for (const each of status?.workloadStatus ?? []) {
    if (wanted.has(keyOf(each))) continue;
    const { group, version, kind, namespace, name } = each.identifier;
    const apiVersion = group ? `${group}/${version}` : version;
    const resource = await client.resource(apiVersion, kind);
    if (resource) await client.delete(resource, { namespace, name });
  }
}

/** Makes an object what it is planned to be; what is as it was applied last is left alone, whoever changed it. */
async function apply(
  cluster: Cluster,
  owner: EdgeApplication,
  object: Manifest,
): Promise<KubernetesObject | undefined> {
  const { client } = cluster;
  const resource = await client.resource(object.apiVersion, object.kind);
  if (!resource) return undefined;
  const wanted = {
    ...object,
    metadata: {
      ...object.metadata,
      ownerReferences: [ownerReference(edgeApplications, owner)],
    },
  };
  const annotations = {
    ...wanted.metadata.annotations,
    [appliedAnnotation]: canonicalJson(wanted),
  };
  const marked = { ...wanted, metadata: { ...wanted.metadata, annotations } };
  const live = await client.get(resource, object.metadata);
  if (!live) return client.create(resource, object.metadata.namespace, marked);
  const applied = live.metadata.annotations?.[appliedAnnotation];
  if (applied === canonicalJson(wanted)) return live;
  const before: unknown = applied === undefined ? {} : JSON.parse(applied);
  const patch = threeWayPatch(before, marked, live);
  return patch ? client.patch(resource, live.metadata, patch) : live;
}

async function reconcile(
  cluster: Cluster,
  application: EdgeApplication,
): Promise<NextVisit> {
  if (application.metadata.deletionTimestamp) return undefined;
  const workloadStatus: ManifestStatus[] = [];
  for (const planned of planEdgeApplication(application)) {
    const live = await apply(cluster, application, planned.object);
    // Only of Deployments more is asked than that they are there.
    workloadStatus.push(statusOf(planned, live as Deployment | undefined));
  }
  await removeRest(cluster, application, workloadStatus);
  const patch = statusPatch(application.status, { workloadStatus });
  if (patch)
    await cluster.client.patchStatus(
      edgeApplications,
      application.metadata,
      patch,
    );
  return undefined;
}

/** Plays KubeEdge's EdgeApplications: makes the workloads of each node group and tells how they are. */
export function startEdgeApplicationController(
  cluster: Cluster,
): RunningController {
  const informer = cluster.informers.of(edgeApplications);
  const queue = new WorkQueue({
    name: 'edgeapplication',
    scheduler: cluster.scheduler,
    log: cluster.log,
    concurrency: 1,
    async reconcile(key) {
      const application = informer.get(key);
      return application && reconcile(cluster, application);
    },
  });
  visitChanged(informer, queue);
  visitOwner(cluster.informers.of(deployments), 'EdgeApplication', queue);
  return { stop: () => queue.stop() };
}
