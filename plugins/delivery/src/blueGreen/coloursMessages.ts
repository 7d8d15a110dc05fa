// SPDX-License-Identifier: Apache-2.0

/** Every word of the blue/green panel, part of the messages of the delivery pages. */
export const coloursMessages = {
  title: 'Blue/green in {{stage}}',
  caption: 'What each colour runs and which one gets the requests',
  cluster: 'Cluster',
  blue: 'Blue',
  green: 'Green',
  serves: 'Serves',
  served: 'Served',
  ready: 'Ready, gets no requests',
  starting: 'Starting, gets no requests',
  broken: 'In trouble, gets no requests',
  servesBroken: 'Serves and is in trouble',
  servesStarting: 'Serves while pods start',
  off: 'Off',
  pods: '{{available}} of {{desired}} pods',
  smokeTest: {
    running: 'Smoke test runs',
    passed: 'Smoke test passed',
    failed: 'Smoke test failed',
  },
  watch: 'Watched until',
  keep: 'The version before is kept until',
  action: {
    label: 'Switch between the colours',
    switch: 'Switch now…',
    pass: 'Let it pass…',
    abort: 'Switch back…',
  },
  confirm: {
    switch: 'Switch to {{version}}',
    pass: 'Let {{version}} pass without its metrics',
    abort: 'Switch back from {{version}}',
    recorded: 'Recorded: {{action}}.',
  },
} as const;
