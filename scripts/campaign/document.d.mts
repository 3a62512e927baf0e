// Types of document.mjs.
import type { Campaign } from './campaigns.mjs';
export interface CampaignRun {
  date: string;
  commit?: string;
  form: string;
  seed: number | string;
  seconds?: number;
  failures: number;
  cases?: number;
  says?: string;
}
export declare const runsFile: string;
export declare const documentFile: string;
export declare function readRuns(): Record<string, CampaignRun>;
export declare function casesOf(campaign: Campaign, form: 'whole' | 'nightly' | 'short'): string;
export declare function documentOf(runs: Readonly<Record<string, CampaignRun>>): string;
