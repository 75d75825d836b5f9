/**
 * When one of a crowd is to come back, in ms: no sooner than that, and within twice that. Those who were refused in one moment would
 * else all be there again in one moment.
 */
export const comeBackAfter = (leastMs: number): number => Math.ceil(leastMs * (1 + Math.random()));
