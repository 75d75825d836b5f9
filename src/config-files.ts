import { loadKeys, type SigningKeys } from './auth/keys.ts';
import { type Config, ConfigError } from './config.ts';
import { loadPersistedOperations, type PersistedOperations } from './server/persisted-operations.ts';

/** What stands in the files and sets that the configuration names. */
export interface ConfigFiles {
  keys: SigningKeys;
  /** Null: clients send their documents. */
  persistedOperations: PersistedOperations | null;
}

/** Reads them all, and makes the signing key of a first start. Throws ConfigError with what is wrong in any of them. */
export async function loadConfigFiles({ auth, dataDir, persistedOperations }: Config): Promise<ConfigFiles> {
  const problems: string[] = [];
  const unless = async <T>(load: Promise<T>): Promise<T | null> => {
    try {
      return await load;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
      return null;
    }
  };
  const keys = await unless(loadKeys({ keys: auth.keys, dataDir }));
  const operations = await unless(loadPersistedOperations(persistedOperations));
  if (keys === null || problems.length > 0) throw new ConfigError(problems);
  return { keys, persistedOperations: operations };
}
