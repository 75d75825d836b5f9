import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { prismaFolder } from '../db/schema-engine.ts';
import { DomainError } from '../errors.ts';
import { explainStart } from '../explain-start.ts';
import { type Command, CommandError, type Surroundings, UsageError } from './command.ts';
import { doctor } from './doctor.ts';
import { newEpoch } from './feeds.ts';
import { verify } from './ledger.ts';
import { migrate } from './migrate.ts';
import { printSchema } from './schema.ts';
import { seed } from './seed.ts';
import { token } from './token.ts';
import { promote } from './user.ts';

const commands: readonly Command[] = [doctor, migrate, seed, token, promote, newEpoch, verify, printSchema];

const usageOf = ({ name, operands, options = {} }: Command): string =>
  ['ovation', name, ...operands, ...Object.keys(options).map((option) => `[--${option}]`)].join(' ');

const overview = (): string =>
  [
    'Usage: ovation <command>',
    '',
    ...commands.map((command) => `  ${usageOf(command).slice('ovation '.length).padEnd(34)} ${command.summary}`),
    '',
    'ovation <command> --help says more. The configuration comes from the environment, as the server’s does.',
  ].join('\n');

const helpOf = (command: Command): string => `Usage: ${usageOf(command)}\n\n${command.summary}\n\n${command.help}`;

function find(argv: readonly string[]): { command: Command; rest: string[] } | null {
  for (const command of commands) {
    const words = command.name.split(' ');
    if (words.every((word, place) => argv[place] === word)) return { command, rest: argv.slice(words.length) };
  }
  return null;
}

function parse({ operands, options = {} }: Command, args: string[]) {
  let parsed: { values: Record<string, unknown>; positionals: string[] };
  try {
    parsed = parseArgs({
      args,
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  if (values.help === true) return null;
  if (positionals.length !== operands.length) {
    throw new UsageError(operands.length === 0 ? 'It takes nothing more.' : `It takes ${operands.join(' and ')}.`);
  }
  return { operands: positionals, options: values };
}

/** That of package.json, beside which the prisma folder lies, in the repository as in the image. */
function version(): string {
  const text = readFileSync(join(prismaFolder(), '../package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

/** Runs one command line. Resolves with the exit code: 0 done, 1 not done or something found, 2 not understood. */
export async function run(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const { print, tell } = surroundings;
  const found = find(argv);
  if (found === null) {
    if (argv[0] === '--version') {
      print(version());
      return 0;
    }
    const asked = ['--help', '-h', 'help'].includes(argv[0] ?? '');
    if (!asked && argv.length > 0) tell(`There is no command \`${argv.join(' ')}\`.\n`);
    (asked ? print : tell)(overview());
    return asked ? 0 : 2;
  }
  const { command, rest } = found;
  try {
    const call = parse(command, rest);
    if (call !== null) return await command.run({ ...surroundings, ...call });
    print(helpOf(command));
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      tell(`${error.message}\n\n${helpOf(command)}`);
      return 2;
    }
    const known = error instanceof DomainError || error instanceof CommandError;
    tell(known ? error.message : explainStart(error));
    return 1;
  }
}
