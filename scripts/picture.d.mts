// Types of picture.mjs, for its test.
/** Every source file with what it imports of src, as house.mjs reads them. */
export type House = ReadonlyMap<string, { imports: readonly string[] }>;
export const pictureFile: string;
export function drawHouse(files: House): string;
