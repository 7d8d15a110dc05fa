import type { Environment } from './environment.ts';
import type { Log } from './log.ts';

/** What a service is made of from outside. */
export interface ServiceOptions {
  readonly name: string;
  readonly environment: Environment;
  readonly log: Log;
  readonly now: () => Date;
}
