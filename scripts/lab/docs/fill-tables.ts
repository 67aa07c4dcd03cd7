/** Where a table begins and ends in a page: `<!-- table: settings -->` and `<!-- end of table -->`. */
const place = /(<!-- table: (\w+) -->\n)[\s\S]*?(<!-- end of table -->)/g;

/**
 * A page with every table in its place made anew.
 *
 * @param tables Markdown by name
 * @throws Error for a place whose table nobody makes
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
