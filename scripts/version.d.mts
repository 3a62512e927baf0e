// Types of version.mjs, for its test.
/** The manifest's text with another version. Throws where no store would take it. */
export function withVersion(text: string, version: string): string;
/** The changelog in which what was unreleased is a version of that day (YYYY-MM-DD). Throws where there is nothing, or the version is not higher than the last. */
export function withRelease(changelog: string, version: string, date: string): string;
