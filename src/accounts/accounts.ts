import type { Passwords } from '../auth/passwords.ts';
import type { Tokens } from '../auth/tokens.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Config } from '../config.ts';
import type { Db } from '../db/client.ts';
import type { Write } from '../feed/unit-of-work.ts';
import { type Administration, createAdministration } from './administration.ts';
import { type Credentials, createCredentials } from './credentials.ts';
import { createDeletion } from './deletion.ts';
import { createEmailVerification, type EmailVerification } from './email-verification.ts';
import { createExternalUsers, type ExternalUsers, type ExternalUsersDeps } from './external-users.ts';
import type { AccountMail } from './mails.ts';
import { createRecovery, type Recovery } from './recovery.ts';
import { createRoles, type Roles } from './roles.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { createUsers, type Users } from './users.ts';

/** Who people are, and how they prove it. */
export interface Accounts
  extends Pick<Credentials, 'admitPassword' | 'signUp' | 'logIn' | 'changePassword'>,
    Pick<Sessions, 'logOut' | 'logOutEverywhere' | 'forgetExpired'>,
    Pick<Users, 'viewer' | 'updateProfile'>,
    Recovery,
    EmailVerification,
    Roles,
    Administration {
  refreshSession: Sessions['refresh'];
  revokeSession: Sessions['revokeOne'];
  mySessions: Sessions['mine'];
  sessionValidUntil: Sessions['validUntil'];
  externalViewer: ExternalUsers['viewerOf'];
  user: Users['byId'];
  knownUser: Users['known'];
  userByName: Users['byName'];
  users: Users['list'];
  countUsers: Users['count'];
  /**
   * Null stands for the password of an account that has none. Throws InvalidInputError, InvalidCredentialsError,
   * HostingEventError.
   */
  deleteAccount(viewer: Viewer, input: { password?: string | null }): Promise<void>;
}

export interface AccountsDeps {
  write: Write;
  db: Db;
  tokens: Tokens;
  passwords: Passwords;
  revocations: ExternalUsersDeps['revocations'];
  /** Null: this server sends no mail. */
  mail: AccountMail | null;
  auth: Pick<Config['auth'], 'accessTokenSeconds' | 'sessionSeconds'>;
  /** The database's clock, in ms since 1970. */
  now: () => number;
}

export function createAccounts(deps: AccountsDeps): Accounts {
  const sessions = createSessions(deps);
  const credentials = createCredentials({ ...deps, sessions });
  const users = createUsers({ ...deps, credentials });
  const deleteAccount = createDeletion({ ...deps, credentials, sessions });
  return {
    ...createRecovery({ ...deps, sessions }),
    ...createEmailVerification(deps),
    ...createRoles({ ...deps, sessions }),
    admitPassword: credentials.admitPassword,
    signUp: credentials.signUp,
    logIn: credentials.logIn,
    changePassword: credentials.changePassword,
    refreshSession: sessions.refresh,
    logOut: sessions.logOut,
    logOutEverywhere: sessions.logOutEverywhere,
    revokeSession: sessions.revokeOne,
    mySessions: sessions.mine,
    sessionValidUntil: sessions.validUntil,
    externalViewer: createExternalUsers({ ...deps, sessions }).viewerOf,
    forgetExpired: sessions.forgetExpired,
    viewer: users.viewer,
    user: users.byId,
    knownUser: users.known,
    userByName: users.byName,
    users: users.list,
    countUsers: users.count,
    updateProfile: users.updateProfile,
    deleteAccount,
    ...createAdministration({ ...deps, sessions }),
  };
}
