/** One thing that happened, for machines to search. */
export type LogFields = Readonly<Record<string, string | number | boolean>>;

/** Writes one line of JSON for each event. */
export type Log = (
  level: 'info' | 'warn' | 'error',
  message: string,
  fields?: LogFields,
) => void;

/** A log whose lines go to `write`. */
export function createLog(write: (line: string) => void, now: () => Date): Log {
  return (level, message, fields = {}) =>
    write(
      `${JSON.stringify({
        time: now().toISOString(),
        level,
        message,
        ...fields,
      })}\n`,
    );
}
