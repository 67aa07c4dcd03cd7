/** The JSON of a policy with these statements. */
export function policyText(...statements: readonly object[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}
