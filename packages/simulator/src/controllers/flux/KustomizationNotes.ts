// SPDX-License-Identifier: Apache-2.0
import { EventNote, EventRecorder } from '../runtime/EventRecorder';
import { Applied } from './Applier';
import { Kustomization, kustomizations } from './fluxObjects';
import { subjectName } from './inventory';

interface Subject {
  readonly object: Kustomization;
  readonly revision: string;
}

/** The events of Kustomizations. */
export class KustomizationNotes {
  constructor(private readonly recorder: EventRecorder) {}

  /** Resolves when everything noted has been sent. */
  flush(): Promise<void> {
    return this.recorder.flush();
  }

  /** Says which applied objects have changed; nothing when none has. */
  applied(subject: Subject, applied: readonly Applied[]): void {
    const changed = applied.filter(({ outcome }) => outcome !== 'unchanged');
    if (changed.length === 0) return;
    this.changes(
      subject,
      changed.map(
        ({ identity, outcome }) => `${subjectName(identity)} ${outcome}`,
      ),
    );
  }

  /** Says what has changed, one line each. */
  changes({ object, revision }: Subject, changes: readonly string[]): void {
    this.note(object, {
      reason: 'Progressing',
      message: changes.join('\n'),
      revision,
    });
  }

  /** Says something, of a revision if there is one. */
  note(
    object: Kustomization,
    {
      type = 'Normal',
      reason,
      message,
      revision,
    }: Pick<EventNote, 'reason' | 'message'> & {
      readonly type?: EventNote['type'];
      readonly revision?: string;
    },
  ): void {
    const annotations = revision
      ? { 'kustomize.toolkit.fluxcd.io/revision': revision }
      : undefined;
    this.recorder.note(kustomizations, object, {
      type,
      reason,
      message,
      annotations,
    });
  }
}
