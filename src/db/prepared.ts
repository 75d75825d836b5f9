/** What is asked of the database: SQL, and the values of its parameters. */
interface Statement {
  readonly sql: string;
  readonly args: readonly unknown[];
}

/** Plans that one connection holds at most. PostgreSQL keeps each, some tens of KiB, for as long as the connection lives. */
const mostPlans = 256;
/** A statement seen so often is one that comes again. */
const worthwhile = 3;
/** Texts that are counted at once. Beyond, counting begins anew: what comes often is soon known again. */
const mostCounted = 2048;
/** More values than this are a list's: each length is a text of its own, and few come twice. */
const mostValues = 16;

/**
 * Names the statements that come again, so that PostgreSQL parses and plans them once for each connection instead of each time:
 * planning was a third, and more, of what a message cost it. An empty name: the statement is sent as it is.
 */
export function createStatementNames(): (statement: Statement) => string {
  const names = new Map<string, string>();
  const seen = new Map<string, number>();
  return ({ sql, args }) => {
    const known = names.get(sql);
    if (known !== undefined) return known;
    // Without values there may be several statements in one text, which cannot be prepared.
    if (args.length === 0 || args.length > mostValues || names.size >= mostPlans) return '';
    const times = (seen.get(sql) ?? 0) + 1;
    if (times < worthwhile) {
      if (seen.size >= mostCounted) seen.clear();
      seen.set(sql, times);
      return '';
    }
    seen.delete(sql);
    const name = `ovation_${names.size}`;
    names.set(sql, name);
    return name;
  };
}
