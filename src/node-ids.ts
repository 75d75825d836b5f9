import SchemaBuilder, { BasePlugin, completeValue, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import { encodeGlobalId } from './global-id.ts';

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      nodeIds: NodeIdsPlugin<Types>;
    }
  }
}

/**
 * Resolves the id of a node at once. Relay's plugin makes a promise of it, though nothing is waited for: a list pays for each, and
 * an item of a feed, which may not wait for anything, could not show one.
 */
class NodeIdsPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onOutputFieldConfig(field: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
    const resolve = field.name === 'id' ? this.#rawId(field.parentType) : null;
    if (resolve === null) return field;
    return {
      ...field,
      resolve: (...input) => completeValue(resolve(...input), (id) => encodeGlobalId(field.parentType, String(id))),
    };
  }

  /** What `builder.node` was told of the id; null for every other type. */
  #rawId(type: string): ((...input: unknown[]) => unknown) | null {
    const options: unknown = this.builder.configStore.getTypeConfig(type).pothosOptions;
    const id: unknown = Object(options).id;
    const resolve: unknown = Object(id).resolve;
    return typeof resolve === 'function' ? (...input) => resolve(...input) : null;
  }
}

const name = 'nodeIds';
SchemaBuilder.registerPlugin(name, NodeIdsPlugin);
export default name;
