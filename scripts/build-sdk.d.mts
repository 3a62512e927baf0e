// Types of build-sdk.mjs, for the tests.
export function buildSdk(options?: { outDir?: string }): Promise<{ outDir: string }>;
