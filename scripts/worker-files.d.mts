export const workerName: string;
export const laterName: string;
export const loadsLater: string;
export function asScripts(read: (name: string) => string): Record<string, string>;
