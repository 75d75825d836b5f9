import { getIntrospectionQuery } from 'graphql';

export const times = (count: number, part: (index: number) => string): string =>
  Array.from({ length: Math.floor(count) }, (_, index) => part(index)).join(' ');

export const introspect = getIntrospectionQuery();
