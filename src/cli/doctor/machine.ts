import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../../config.ts';
import { codeOf } from '../../finding.ts';
import { listenFinding } from '../../server/listen-finding.ts';
import { answerWithinMs, type Check } from './check.ts';

/** Whether the address can be listened on; Node's code when not. */
function tryToListen({ port, host }: Config): Promise<string | null> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', (error) => done(codeOf(error) ?? error.message));
    server.listen(port, host, () => server.close(() => done(null)));
  });
}

/** Whether what listens there is an instance of Ovation. */
async function answersAsOvation({ port, host }: Config): Promise<boolean> {
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  try {
    const answer = await fetch(`http://${name}:${port}/health`, { signal: AbortSignal.timeout(answerWithinMs) });
    return answer.headers.has('x-request-id') && (await answer.text()).includes('"status":"ok"');
  } catch {
    return false;
  }
}

export async function checkPort(config: Config): Promise<Check> {
  const seen = config.port === 0 ? `any free port of ${config.host}` : `${config.host}:${config.port}`;
  const code = await tryToListen(config);
  if (code === null) return { part: 'port', seen: `${seen} is free`, findings: [] };
  if (code === 'EADDRINUSE' && (await answersAsOvation(config))) {
    return { part: 'port', seen: `an instance of Ovation listens on ${seen}`, findings: [] };
  }
  return { part: 'port', seen, findings: [listenFinding(code, config)] };
}

/** Writes a file where DATA_DIR is or would be made: only an attempt tells of read-only file systems and of root's rights. */
export async function checkDataDir(config: Config): Promise<Check> {
  const part = 'data directory';
  if (config.databaseUrl !== null && config.auth.keys !== null) return { part, seen: 'not used', findings: [] };
  const wanted = resolve(config.dataDir);
  let folder = wanted;
  while (!existsSync(folder)) folder = dirname(folder);
  const probe = join(folder, `.doctor-${randomUUID()}`);
  try {
    await writeFile(probe, '', { flag: 'wx' });
    await rm(probe);
    return { part, seen: wanted, findings: [] };
  } catch (error) {
    const why = codeOf(error) === 'ENOTDIR' ? `${folder} is a file` : (codeOf(error) ?? String(error));
    const problem = `Nothing can be written to DATA_DIR (${wanted}): ${why}.`;
    const remedy = `Set DATA_DIR to a folder this user may write to${
      config.databaseUrl === null ? '' : ', or AUTH_KEYS, which is all it would hold'
    }.`;
    return { part, seen: wanted, findings: [{ code: 'DATA_DIR_UNWRITABLE', problem, remedy }] };
  }
}
