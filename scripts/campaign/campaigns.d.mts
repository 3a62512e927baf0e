// Types of campaigns.mjs.
export interface Count {
  of: string;
  whole: number;
  nightly?: number;
  short: number;
  laws?: number;
}
export interface Campaign {
  what: string;
  config: string;
  files: readonly string[];
  only?: string;
  environment?: Readonly<Record<string, string>>;
  counts: Readonly<Record<string, Count>>;
  minutes?: number;
}
export interface Trial {
  what: string;
  campaigns: readonly string[];
  also?: string;
}
export declare const campaigns: Readonly<Record<string, Campaign>>;
export declare const trials: Readonly<Record<string, Trial>>;
