/** Keys of secrets, in any case, in objects, in JSON and in settings such as libpq's `password=…`. */
const keys = [
  '(?:(?:current|new|ssl|pg)[_-]?)?password',
  'passwd',
  'passphrase',
  'pass',
  '(?:client[_-]?)?secret',
  '(?:(?:access|refresh|id)[_-]?)?token',
  'email',
  'login',
  'idempotencyKey',
  'authorization',
  '(?:set-)?cookie',
].join('|');

const keyInLine = new RegExp(`"(?:${keys})":`, 'gi');
const partOfValue = /"[^"\\]*(?:\\.[^"\\]*)*"|[^"[\]{},]+|[[\]{},]/y;

/** Where the JSON value that begins at `from` ends, whatever it consists of. */
function endOfValue(line: string, from: number): number {
  let depth = 0;
  let end = from;
  partOfValue.lastIndex = from;
  for (let part = partOfValue.exec(line)?.[0]; part !== undefined; part = partOfValue.exec(line)?.[0]) {
    if (part === '}' || part === ']') depth--;
    if (depth < 0 || (depth === 0 && part === ',')) return end;
    if (part === '{' || part === '[') depth++;
    end = partOfValue.lastIndex;
    if (depth === 0) return end;
  }
  return end;
}

/** By key, wherever it stands: pino's own redaction by wildcards costs 50 us a line. */
function withoutKeyed(line: string): string {
  let text = '';
  let read = 0;
  keyInLine.lastIndex = 0;
  while (keyInLine.test(line)) {
    text += `${line.slice(read, keyInLine.lastIndex)}"[secret]"`;
    read = endOfValue(line, keyInLine.lastIndex);
    keyInLine.lastIndex = read;
  }
  return text + line.slice(read);
}

/** A password may hold what would end it, an unescaped `@` or `/`: it reaches to the last `@` there is. */
function withoutPassword(url: string): string {
  const begin = url.indexOf(':', '://'.length);
  const end = url.lastIndexOf('@');
  return begin === -1 || end < begin ? url : `${url.slice(0, begin)}:[password]${url.slice(end)}`;
}

/**
 * What gives a secret away in a text, such as an error's: a key, or its looks. Libraries quote what they were given, and
 * PostgreSQL the row that it refused. What may begin anywhere is bounded, or takes in all that it has looked at: a long line
 * costs no more than its length. Rather too much is blanked than too little, but never the end of the line's own string.
 */
const secrets: readonly (readonly [RegExp, (found: string, ...groups: string[]) => string])[] = [
  // The key of a text: JSON, or as Node and Prisma print objects.
  [
    new RegExp(`(${keys})((?:\\\\{1,7}"|')?\\s?:\\s?)(\\\\{1,7}"|')(?:[^"\\\\]|\\\\.)*?(?:(?<!\\\\)\\3|(?="))`, 'gi'),
    (_found, key, colon, quote) => `${key}${colon}${quote}[secret]${quote}`,
  ],
  [
    new RegExp(`(${keys})(\\\\{1,7}"\\s?:\\s?)(?:[[{](?:[^"\\\\]|\\\\.)*|[^\\s"\\\\,}\\]]+)`, 'gi'),
    (_found, key, colon) => `${key}${colon}[secret]`,
  ],
  // A parameter of a URL, and libpq's settings, whose values may stand in quotes.
  [
    new RegExp(`(${keys})( {0,2}= {0,2})(?:'(?:[^'"\\\\]|\\\\\\\\'|\\\\.)*')?(?:[^\\s"\\\\]|\\\\[^nrt])*`, 'gi'),
    (_found, key, equals) => `${key}${equals}[secret]`,
  ],
  [/(?<![\w-])eyJ[\w-]{4,2000}\.[\w-]{1,4000}\.[\w-]{1,1000}/g, () => '[token]'],
  [/\b(Bearer|Basic) [\w.~+/=-]{1,8000}/gi, (_found, scheme) => `${scheme} [token]`],
  // Refresh tokens, and others that are 32 random bytes.
  [/(?<![\w-])[\w-]{43}(?![\w-])/g, () => '[token]'],
  [/\$argon2[^\s"\\]{1,200}/g, () => '[hash]'],
  [/:\/\/(?:[^\s"\\]|\\[^nrt"])+/g, withoutPassword],
  [/[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z\d-]{1,63}(?:\.[a-z\d-]{1,63}){1,8}/gi, () => '[email]'],
];

/** A line of JSON, secrets blanked: known keys wherever they stand, and in every text what looks like one. */
export function withoutSecrets(line: string): string {
  return secrets.reduce((text, [pattern, instead]) => text.replace(pattern, instead), withoutKeyed(line));
}
