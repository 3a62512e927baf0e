// Types of limits.mjs.
export declare const hangsAfterMs: number;
export const longTests: readonly string[];
