/** One thing the pulse tells of events. The database has it; the pulse only says when to look. */
export interface PulsePart<Value> {
  /** Of all these events, in one query. An event that is left out has `none`. */
  read(eventIds: readonly string[]): Promise<ReadonlyMap<string, Value>>;
  readonly none: Value;
}

/** The latest of what changes too fast to be logged. Never changed: what is newer is another object. */
export interface Pulse<Values> {
  readonly eventId: string;
  readonly values: Values;
}
