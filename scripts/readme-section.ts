/** A page with what stands between the comments of this name replaced. */
export function withSection(page: string, name: string, content: string): string {
  const begin = `<!-- ${name}: printed by \`npm run docs\` -->`;
  const end = `<!-- /${name} -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`README.md lacks ${begin} or ${end}`);
  return `${page.slice(0, from + begin.length)}\n${content}\n${page.slice(to)}`;
}
