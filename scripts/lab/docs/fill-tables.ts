/** A table in a page: from `<!-- table: settings -->` to `<!-- end of table -->`. */
const place = /(<!-- table: (\w+) -->\n)[\s\S]*?(<!-- end of table -->)/g;

/**
 * Replaces the tables in a page.
 *
 * @param tables Markdown by name
 * @throws Error for an unknown table
 */
export function fillTables(page: string, tables: Readonly<Record<string, string>>): string {
  return page.replaceAll(place, (_all, start: string, name: string, end: string) => {
    const table = tables[name];
    if (table === undefined) {
      throw new Error(`no table is called ${name}; there are ${Object.keys(tables).join(", ")}`);
    }
    return `${start}\n${table}\n\n${end}`;
  });
}
