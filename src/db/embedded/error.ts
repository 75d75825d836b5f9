/** The embedded PostgreSQL cannot run. `message` is a sentence for the person who started the server: what, and what to do. */
export class EmbeddedPostgresError extends Error {
  override name = 'EmbeddedPostgresError';
}

/** The code of a system error (`EACCES`), or undefined for anything else. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

const LINES_SHOWN = 5;

/** The last lines of a program's output, for a person who must see what it complained of. */
export function lastLines(output: string): string {
  return output.trim().split('\n').slice(-LINES_SHOWN).join('\n');
}
