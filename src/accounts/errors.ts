import { DomainError } from '../errors.ts';

export class InvalidCredentialsError extends DomainError {
  readonly code = 'INVALID_CREDENTIALS';
  constructor() {
    super('These credentials are not right.');
  }
}

export class InvalidRefreshTokenError extends DomainError {
  readonly code = 'INVALID_REFRESH_TOKEN';
  constructor() {
    super('This refresh token is not valid. Log in again.');
  }
}

export class InvalidTokenError extends DomainError {
  readonly code = 'INVALID_TOKEN';
  constructor() {
    super('This token is not valid. Ask for another mail.');
  }
}

export class UsernameTakenError extends DomainError {
  readonly code = 'USERNAME_TAKEN';
  constructor() {
    super('This user name is taken.');
  }
}

export class EmailTakenError extends DomainError {
  readonly code = 'EMAIL_TAKEN';
  constructor() {
    super('This email address is taken.');
  }
}

export class HostingEventError extends DomainError {
  readonly code = 'HOSTING_EVENT';
  constructor() {
    super('This account hosts an event that is scheduled or live. End or cancel it first.');
  }
}
