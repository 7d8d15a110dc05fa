// SPDX-License-Identifier: Apache-2.0

const STAGE = '[data-stage]';
const TITLE = '[data-stage-title]';
const GATE = '[data-gate]';

/**
 * Moves the focus inside the rail as a key asks. Keys pressed on a control inside a stage are the
 * control's, except Escape, which goes back to the name of the stage.
 *
 * @returns whether the key was used
 */
export function moveInRail(
  rail: HTMLElement,
  target: EventTarget,
  key: string,
): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const stage = target.closest<HTMLElement>(STAGE);
  if (!stage) return false;
  if (target.matches(TITLE)) {
    return key === 'ArrowDown'
      ? focus(stage.querySelector<HTMLElement>(GATE))
      : moveBetweenStages(rail, stage, key);
  }
  if (key === 'Escape') return focus(titleOf(stage));
  return target.matches(GATE) ? moveFromGate(rail, stage, target, key) : false;
}

function moveFromGate(
  rail: HTMLElement,
  stage: HTMLElement,
  gate: HTMLElement,
  key: string,
): boolean {
  const gates = [...stage.querySelectorAll<HTMLElement>(GATE)];
  const index = gates.indexOf(gate);
  if (key === 'ArrowDown') return focus(gates[index + 1]);
  if (key === 'ArrowUp') return focus(gates[index - 1] ?? titleOf(stage));
  return moveBetweenStages(rail, stage, key);
}

function moveBetweenStages(
  rail: HTMLElement,
  stage: HTMLElement,
  key: string,
): boolean {
  const stages = [...rail.querySelectorAll<HTMLElement>(STAGE)];
  const index = stages.indexOf(stage);
  switch (key) {
    case 'ArrowRight':
      return focus(titleOf(stages[index + 1]));
    case 'ArrowLeft':
      return focus(titleOf(stages[index - 1]));
    case 'Home':
      return focus(titleOf(stages[0]));
    case 'End':
      return focus(titleOf(stages[stages.length - 1]));
    default:
      return false;
  }
}

function titleOf(stage: HTMLElement | undefined): HTMLElement | undefined {
  return stage?.querySelector<HTMLElement>(TITLE) ?? undefined;
}

function focus(element: HTMLElement | null | undefined): boolean {
  element?.focus();
  return element !== null && element !== undefined;
}
