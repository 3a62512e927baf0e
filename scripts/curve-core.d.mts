// Types of curve-core.mjs.
export declare const coreName: string;
export declare function isCore(bytes: Uint8Array): boolean;
export declare function readCore(): Buffer<ArrayBuffer>;
