// SPDX-License-Identifier: Apache-2.0

/** What is inside the images of the demo services: invented names, so that no real project is blamed. */
export const components = [
  { name: 'belt-protocol', version: '4.2.1', licence: 'Apache-2.0' },
  { name: 'frame-buffer', version: '1.9.0', licence: 'MIT' },
  { name: 'gate-client', version: '3.0.4', licence: 'Apache-2.0' },
  { name: 'label-grammar', version: '0.14.2', licence: 'BSD-3-Clause' },
  { name: 'small-http', version: '7.1.0', licence: 'MIT' },
  { name: 'tiny-metrics', version: '2.3.5', licence: 'ISC' },
] as const;

/** A component of the demo as a package address. */
export function packageUrl(component: {
  readonly name: string;
  readonly version: string;
}): string {
  return `pkg:generic/${component.name}@${component.version}`;
}
