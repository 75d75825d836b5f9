/**
 * Who may ask. Another kind of viewer is another name here, what makes somebody one in `setStage`, and its verdict in each row
 * of the tables where `others` does not say it.
 */
export const viewers = [
  'guest',
  'stranger',
  'banned',
  'participant',
  'moderator',
  'host',
  'otherHost',
  'admin',
] as const;

export type Viewer = (typeof viewers)[number];

/** What becomes of a request, by viewer; `others`: everybody who is not named. */
export type Verdicts = Readonly<Partial<Record<Viewer | 'others', string>>>;

/** The verdict for one viewer. Throws where the row names none. */
export function verdictFor(row: string, verdicts: Verdicts, viewer: Viewer): string {
  // Who was put out is a stranger, where nothing else is said.
  const verdict = verdicts[viewer] ?? (viewer === 'banned' ? verdicts.stranger : undefined) ?? verdicts.others;
  if (verdict === undefined) throw new Error(`${row}: say what the ${viewer} gets, or what \`others\` get`);
  return verdict;
}

/** The verdicts of a whole row, in the words of `verdictFor`. */
export const allVerdicts = (row: string, verdicts: Verdicts): Record<string, string> =>
  Object.fromEntries(viewers.map((viewer) => [viewer, verdictFor(row, verdicts, viewer)]));

/** The same for what was observed. */
export async function observe(look: (viewer: Viewer) => Promise<string>): Promise<Record<string, string>> {
  return Object.fromEntries(await Promise.all(viewers.map(async (viewer) => [viewer, await look(viewer)])));
}

/** The field or type a row is about: `deleteMessage of their own` is about `deleteMessage`. */
export const subjectOf = (row: string): string => row.split(' ')[0] ?? row;

/** What to add where the tables and the schema do not say the same. Empty: they do. */
export function missingRows(
  what: string,
  inSchema: readonly string[],
  rows: readonly string[],
  file: string,
): string[] {
  const known = new Set(inSchema);
  const told = new Set(rows.map(subjectOf));
  return [
    ...inSchema
      .filter((name) => !told.has(name))
      .map((name) => `${what} ${name} has no row: say in ${file} who gets what`),
    ...[...told]
      .filter((name) => !known.has(name))
      .map((name) => `${file} has a row for ${what} ${name}, which is not in the schema`),
  ];
}
