/** A generated part of a page: from `<!-- table: settings -->` to `<!-- end of table -->`. */
const place = /(<!-- table: (\w+) -->\n)[\s\S]*?(<!-- end of table -->)/g;

/** Replaces the generated parts of a page. @throws Error for an unknown one */
export function fillTables(page: string, tables: Readonly<Record<string, string>>): string {
  return page.replaceAll(place, (_all, start: string, name: string, end: string) => {
    const table = tables[name];
    if (table !== undefined) return `${start}\n${table}\n\n${end}`;
    throw new Error(`no table is called ${name}; there are ${Object.keys(tables).join(", ")}`);
  });
}
