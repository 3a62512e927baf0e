// Types of house.mjs, for tests.
export type House = Map<string, { imports: string[]; functions: { file: string; name: string; lines: number }[] }>;
export function readHouse(): House;
export function countsOf(files: House): Map<string, number>;
