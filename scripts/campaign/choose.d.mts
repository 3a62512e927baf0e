// Types of choose.mjs.
import type { CampaignRun } from './document.mjs';
export interface Noted {
  what: string;
  cases: number;
}
export interface CampaignResult {
  name: string;
  noted: readonly Noted[];
  failures: number;
  seconds: number;
  isWhole: boolean;
}
export interface Chosen {
  error?: string;
  isList?: boolean;
  names?: string[];
  seed?: number;
  form?: string;
  hours?: number;
  budgetsMs?: Record<string, number>;
}
export declare function chosenOf(
  words: readonly string[],
  environment?: Readonly<Record<string, string | undefined>>,
): Chosen;
export declare function withRun(
  runs: Record<string, CampaignRun>,
  result: CampaignResult,
  about: Pick<CampaignRun, 'date' | 'commit' | 'form' | 'seed'>,
): Record<string, CampaignRun>;
export declare function tableOf(results: readonly CampaignResult[], seed: number): string;
