// Types of lint.mjs, for tests.
interface Finding {
  _type: string;
  code: string;
  message: string;
  file?: string;
  line?: number;
}
/** What is left of the linter's report when the explained findings are taken away, one line for each. */
export function unexplained(report: { errors: Finding[]; warnings: Finding[]; notices: Finding[] }): string[];
export function lintForFirefox(folder: string): string[];
export const explanations: string[];
