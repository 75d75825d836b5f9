import type { ParseArgsConfig } from 'node:util';

/** What a command gets of the process it runs in. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A line for whoever reads the result: standard output. */
  print(line: string): void;
  /** A line for the person who watches: standard error. */
  tell(line: string): void;
}

export interface Call extends Surroundings {
  /** As many as the command names. */
  readonly operands: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
}

/** One command of the command line. It translates: what is done is done by the capabilities and the engines. */
export interface Command {
  /** One or two words: `user promote`. */
  readonly name: string;
  /** What must follow it, as the help shows it: `<username>`. */
  readonly operands: readonly string[];
  readonly options?: ParseArgsConfig['options'];
  /** One line. */
  readonly summary: string;
  /** What a person should know before they call it. */
  readonly help: string;
  /** Resolves with the exit code. What it throws is told in a sentence where it is known, and the exit code is 1. */
  run(call: Call): Promise<number>;
}

/** The command line itself is wrong: told with the usage, exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** The command cannot do it. `message` is a sentence for a person, with what to do. */
export class CommandError extends Error {
  override name = 'CommandError';
}
