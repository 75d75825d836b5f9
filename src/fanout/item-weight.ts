import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLObjectType,
  getArgumentValues,
  getNamedType,
  getOperationAST,
  getVariableValues,
  isAbstractType,
  isCompositeType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import { multiplierOf } from '../complexity.ts';
import { fragmentsOf } from '../fragments.ts';
import type { Operation } from './rendering.ts';
import { subscribedField } from './subscribed-field.ts';

/** What an execution costs that resolves nothing, in fields. */
export const executionWeight = 10;

/**
 * What the execution of one item may cost, in fields, leaves among them: those of the type of item that is asked for most. Lists
 * count as operations' complexity counts them.
 */
export function itemWeight({ schema, document, operationName, variableValues }: Operation): number {
  const fragments = fragmentsOf(document);
  const definitions = getOperationAST(document, operationName)?.variableDefinitions ?? [];
  // Whoever sent it was told already what is wrong with its variables.
  const { coerced: variables = {} } = getVariableValues(schema, definitions, variableValues ?? {});
  /** A fragment counts wherever it is spread, and is looked at once for each type. */
  const known = new Map<SelectionSetNode, Map<GraphQLObjectType, number>>();

  function ofAny(selections: SelectionSetNode, type: GraphQLCompositeType): number {
    if (!isAbstractType(type)) return of(selections, type);
    return Math.max(0, ...schema.getPossibleTypes(type).map((possible) => of(selections, possible)));
  }

  function of(selections: SelectionSetNode, type: GraphQLObjectType): number {
    const before = known.get(selections)?.get(type);
    if (before !== undefined) return before;
    let weight = 0;
    for (const selection of selections.selections) {
      if (selection.kind === Kind.FIELD) {
        weight += ofField(selection, type);
        continue;
      }
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      if (fragment === undefined || !applies(fragment.typeCondition?.name.value, type)) continue;
      weight += of(fragment.selectionSet, type);
    }
    const byType = known.get(selections) ?? new Map<GraphQLObjectType, number>();
    known.set(selections, byType.set(type, weight));
    return weight;
  }

  function applies(condition: string | undefined, type: GraphQLObjectType): boolean {
    if (condition === undefined || condition === type.name) return true;
    const wanted = schema.getType(condition);
    return isAbstractType(wanted) && schema.isSubType(wanted, type);
  }

  function ofField(node: FieldNode, parent: GraphQLObjectType): number {
    const field = parent.getFields()[node.name.value];
    if (field === undefined || node.selectionSet === undefined) return 1;
    return 1 + multiplierOf(argumentsOf(field, node), field, length) * within(node.selectionSet, field);
  }

  function within(selections: SelectionSetNode, field: GraphQLField<unknown, unknown>): number {
    const type = getNamedType(field.type);
    return isCompositeType(type) ? ofAny(selections, type) : 0;
  }

  const argumentsOf = (field: GraphQLField<unknown, unknown>, node: FieldNode) =>
    getArgumentValues(field, node, variables);

  const pieces = subscribedField(document, operationName);
  const [piece] = pieces;
  const field = piece && schema.getSubscriptionType()?.getFields()[piece.name.value];
  if (piece === undefined || field === undefined) return executionWeight;
  const { first } = argumentsOf(field, piece);
  /** Of lists in an item: what a subscription asks for `first` of is in there. */
  const length = typeof first === 'number' ? Math.max(1, first) : undefined;
  return pieces.reduce(
    (weight, { selectionSet }) => (selectionSet === undefined ? weight : weight + within(selectionSet, field)),
    executionWeight,
  );
}
