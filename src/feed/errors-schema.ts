import { builder } from '../builder.ts';
import { errorType } from '../errors-schema.ts';
import { IdempotencyConflictError } from './errors.ts';

builder.objectType(IdempotencyConflictError, errorType('IdempotencyConflictError', 'IDEMPOTENCY_CONFLICT'));
