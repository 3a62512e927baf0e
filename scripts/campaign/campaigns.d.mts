// Types of campaigns.mjs.
export declare const campaigns: Readonly<
  Record<
    string,
    { what: string; config: string; files: readonly string[]; environment?: Readonly<Record<string, string>> }
  >
>;
