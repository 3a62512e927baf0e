// Types of check-package.mjs, for its test.
/** Every way in which a built package breaks a rule; empty when it is fine. */
export function checkPackage(folder: string, build: { flavour: string; browser: 'chrome' | 'firefox' }): string[];
