import SchemaBuilder, {
  BasePlugin,
  type PothosOutputFieldConfig,
  PothosValidationError,
  type SchemaTypes,
} from '@pothos/core';
import { InvalidInputError, NotFoundError } from './errors.ts';

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      argumentErrors: ArgumentErrorsPlugin<Types>;
    }
  }
}

const uuid = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';
/** What Pothos makes of a row's key. It would hand anything else that is well-formed on to Prisma. */
const rowCursor = new RegExp(`^GPC:S:${uuid}$`);
/** The same of a key of two ids: of connections whose `extensions` have `compoundCursor`. */
const compoundCursor = new RegExp(`^GPC:T:\\["S:${uuid}","S:${uuid}"\\]$`);

/** Makes domain errors of arguments that other plugins refuse in their own way, or not at all: foreign ids and cursors. */
class ArgumentErrorsPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onOutputFieldConfig(field: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
    const mappers: typeof field.argMappers = field.argMappers.map((map) => (args, context, info) => {
      try {
        return map(args, context, info);
      } catch (error) {
        // Relay's: the id of another type of object. There is no such object here.
        throw error instanceof PothosValidationError ? new NotFoundError('Object') : error;
      }
    });
    if ('after' in field.args && 'before' in field.args) {
      const shape = field.extensions?.compoundCursor === true ? compoundCursor : rowCursor;
      mappers.push((args) => {
        for (const path of ['after', 'before']) checkCursor(path, args[path], shape);
        return args;
      });
    }
    return { ...field, argMappers: mappers };
  }
}

function checkCursor(path: string, cursor: unknown, shape: RegExp): void {
  if (typeof cursor !== 'string') return;
  const decoded = Buffer.from(cursor, 'base64').toString();
  if (decoded.startsWith('GPC:') && !shape.test(decoded)) {
    throw new InvalidInputError([{ path, message: 'is no cursor of this connection' }]);
  }
}

const name = 'argumentErrors';
SchemaBuilder.registerPlugin(name, ArgumentErrorsPlugin);
export default name;
