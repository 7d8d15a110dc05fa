// SPDX-License-Identifier: Apache-2.0
import { matchesLabels, StringMap } from '../../runtime/resources';
import { Alert, CoreEvent } from './notificationObjects';

/** An event as Flux posts it to generic providers. */
export interface FluxEvent {
  readonly involvedObject: CoreEvent['involvedObject'];
  readonly severity: 'info' | 'error';
  /** RFC 3339. */
  readonly timestamp: string;
  readonly message: string;
  readonly reason: string;
  readonly metadata?: StringMap;
  readonly reportingController: string;
  readonly reportingInstance: string;
}

/** Told on the objects only: nothing has happened. */
const silent = ['GitOperationSucceeded'];

/** Of the notes on an event, those of the object's own API group, without the group, as receivers get them. */
function ownNotes({ metadata, involvedObject }: CoreEvent): StringMap {
  const group = involvedObject.apiVersion?.split('/')[0] ?? '';
  const prefix = `${group}/`;
  return Object.fromEntries(
    Object.entries(metadata.annotations ?? {})
      .filter(([key]) => key.startsWith(prefix) && !key.endsWith('/digest'))
      .map(([key, value]) => [key.slice(prefix.length), value]),
  );
}

/** What Flux posts of an Event; undefined when it is not one of Flux, or one that it keeps to itself. */
export function fluxEventOf(event: CoreEvent): FluxEvent | undefined {
  const { involvedObject, type, reason, message, lastTimestamp } = event;
  const ofFlux = /\.toolkit\.fluxcd\.io\//.test(
    involvedObject.apiVersion ?? '',
  );
  if (!ofFlux || silent.includes(reason)) return undefined;
  const metadata = ownNotes(event);
  const component = event.reportingComponent || event.source?.component || '';
  return {
    involvedObject,
    severity: type === 'Warning' ? 'error' : 'info',
    timestamp: lastTimestamp ?? event.metadata.creationTimestamp,
    message,
    reason,
    ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
    reportingController: component,
    reportingInstance: component,
  };
}

/** Whether an alert is about an event. `labels` are those of the object that the event is about. */
export function isWanted(
  { metadata, spec }: Alert,
  event: FluxEvent,
  labels: StringMap | undefined,
): boolean {
  if (spec.suspend) return false;
  if (spec.eventSeverity === 'error' && event.severity !== 'error')
    return false;
  const { kind, name, namespace } = event.involvedObject;
  const isSource = spec.eventSources.some(
    source =>
      source.kind === kind &&
      (source.namespace ?? metadata.namespace) === namespace &&
      (source.name === name ||
        (source.name === '*' && matchesLabels(source.matchLabels, labels))),
  );
  const matches = (pattern: string) => new RegExp(pattern).test(event.message);
  return (
    isSource &&
    (spec.inclusionList?.some(matches) ?? true) &&
    !(spec.exclusionList?.some(matches) ?? false)
  );
}

/** The event with what an alert adds to it; what the event says itself stays. */
export function annotated(event: FluxEvent, { spec }: Alert): FluxEvent {
  const metadata = { ...spec.eventMetadata, ...event.metadata };
  return Object.keys(metadata).length > 0 ? { ...event, metadata } : event;
}
