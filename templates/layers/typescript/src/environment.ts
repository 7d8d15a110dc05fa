/** Variables that a process is told from outside. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A whole number. Throws one sentence that names the variable to mend. */
export function wholeNumber(
  environment: Environment,
  name: string,
  {
    usual,
    least,
    most,
  }: { readonly usual: number; readonly least: number; readonly most: number },
): number {
  const text = environment[name] ?? String(usual);
  const value = Number(text);
  if (
    text.trim() === '' ||
    !Number.isInteger(value) ||
    value < least ||
    value > most
  )
    throw new Error(
      `${name} must be a whole number from ${least} to ${most}, and is "${text}".`,
    );
  return value;
}

/** An http or https address, where one is set. Throws one sentence that names the variable to mend. */
export function address(
  environment: Environment,
  name: string,
): URL | undefined {
  const text = environment[name];
  if (!text) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new Error(
      `${name} must be an http or https address, and is "${text}".`,
    );
  return url;
}

/** What every service is told. */
export interface CommonSettings {
  readonly port: number;
  /** Folder that outlives the process. */
  readonly dataDirectory: string;
  /** Milliseconds that requests get to end before the process does. */
  readonly shutdownGrace: number;
}

/** Reads what every service is told. */
export function readCommonSettings(environment: Environment): CommonSettings {
  return {
    port: wholeNumber(environment, 'PORT', {
      usual: 8080,
      least: 0,
      most: 65_535,
    }),
    dataDirectory: environment.DATA_DIRECTORY ?? './data',
    shutdownGrace: wholeNumber(environment, 'SHUTDOWN_GRACE_MS', {
      usual: 10_000,
      least: 0,
      most: 600_000,
    }),
  };
}
