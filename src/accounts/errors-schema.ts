import { builder } from '../builder.ts';
import { errorType } from '../errors-schema.ts';
import {
  EmailTakenError,
  HostingEventError,
  InvalidCredentialsError,
  InvalidRefreshTokenError,
  InvalidTokenError,
  UsernameTakenError,
} from './errors.ts';

builder.objectType(InvalidCredentialsError, errorType('InvalidCredentialsError', 'INVALID_CREDENTIALS'));
builder.objectType(InvalidRefreshTokenError, errorType('InvalidRefreshTokenError', 'INVALID_REFRESH_TOKEN'));
builder.objectType(InvalidTokenError, errorType('InvalidTokenError', 'INVALID_TOKEN'));
builder.objectType(UsernameTakenError, errorType('UsernameTakenError', 'USERNAME_TAKEN'));
builder.objectType(EmailTakenError, errorType('EmailTakenError', 'EMAIL_TAKEN'));
builder.objectType(HostingEventError, errorType('HostingEventError', 'HOSTING_EVENT'));
