// SPDX-License-Identifier: Apache-2.0
import { useMemo } from 'react';
import { useSearchParams } from 'react-router-dom';

/** What is open over a page. It lives in the URL, so that it can be linked to and Back closes it. */
export type OpenDialog =
  | {
      readonly kind: 'promote';
      readonly stage?: string;
      readonly release?: string;
    }
  | { readonly kind: 'rollback'; readonly stage?: string }
  | { readonly kind: 'promotion'; readonly id: string };

/** The parameters of the URL that a dialog owns. */
const PARAMETERS = ['dialog', 'stage', 'release', 'promotion'];

/** Which dialog a URL asks for; unknown names ask for none. */
export function parseOpenDialog(
  parameters: URLSearchParams,
): OpenDialog | undefined {
  const id = parameters.get('promotion');
  if (id) return { kind: 'promotion', id };
  const stage = parameters.get('stage') ?? undefined;
  const release = parameters.get('release') ?? undefined;
  const dialog = parameters.get('dialog');
  if (dialog === 'promote') return { kind: 'promote', stage, release };
  if (dialog === 'rollback') return { kind: 'rollback', stage };
  return undefined;
}

/** The same parameters with another dialog, or none; others stay. */
export function withOpenDialog(
  parameters: URLSearchParams,
  open: OpenDialog | undefined,
): URLSearchParams {
  const next = new URLSearchParams(parameters);
  PARAMETERS.forEach(name => next.delete(name));
  if (open?.kind === 'promotion') {
    next.set('promotion', open.id);
  } else if (open) {
    next.set('dialog', open.kind);
    if (open.stage) next.set('stage', open.stage);
    if (open.kind === 'promote' && open.release) {
      next.set('release', open.release);
    }
  }
  return next;
}

/** The dialog of the current page, and the ways to open and close it. */
export function useOpenDialog() {
  const [parameters, setParameters] = useSearchParams();
  const open = useMemo(() => parseOpenDialog(parameters), [parameters]);
  return {
    open,
    show: (dialog: OpenDialog) =>
      setParameters(current => withOpenDialog(current, dialog)),
    close: () =>
      setParameters(current => withOpenDialog(current, undefined), {
        replace: true,
      }),
  };
}
