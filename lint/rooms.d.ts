/** The folders of a room, lowest first, and what those that stand apart may import. */
export const folders: Record<string, { order: readonly string[]; apart: Readonly<Record<string, readonly string[]>> }>;
export function folderOf(room: string, file: string): string;
