// Types of serve.mjs, for tests and scripts.
export function serveDapp(options?: {
  port?: number;
  rebuild?: boolean;
  outDir?: string;
  nodeUrl?: string;
}): Promise<{ url: string; close(): Promise<void> }>;
