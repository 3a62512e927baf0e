// Types of serve.mjs, for tests and scripts.
export function serveDapp(options?: {
  port?: number;
  rebuild?: boolean;
  outDir?: string;
}): Promise<{ url: string; close(): Promise<void> }>;
