// The keyboard commands, by the names they have in the manifest.
// Promises: what the manifest names, the worker carries out, the settings show and the package may have is this list.

export const commandNames = ['lock-now', 'open-waiting'] as const;
export type CommandName = (typeof commandNames)[number];
