// Types of serve.mjs, for tests and scripts.
import type { TodayConfig } from './config';

export function serveDapp(options?: {
  port?: number;
  rebuild?: boolean;
  outDir?: string;
  nodeUrl?: string;
  today?: TodayConfig;
  app?: 'A' | 'B';
}): Promise<{ url: string; close(): Promise<void> }>;
