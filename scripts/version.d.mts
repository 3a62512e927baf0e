// Types of version.mjs, for its test.
/** The manifest's text with another version. Throws where the changelog says nothing about it. */
export function withVersion(text: string, version: string, changelog: string): string;
