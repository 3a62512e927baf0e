// What this copy of Quill was started with: the nodes that carry the messages, and which of two copies it is.
// Promises never to throw: without a config there are no messages, and the rest of the page works.

/** Where today's XMTP is found. */
export interface TodayConfig {
  /** Address of the node without a slash at the end. */
  nodeUrl: string;
  /** Which run of the node: it forgets everything when it ends. */
  run: string;
  /** Somebody who answers. */
  peer?: { name: string; address: string };
}

export interface Config {
  /** Address of the node of XMTP V2, without a slash at the end. */
  nodeUrl: string | undefined;
  today: TodayConfig | undefined;
  /** Two copies at two addresses are two apps to everybody. */
  app: 'A' | 'B' | undefined;
}

/** A page of `vite` without the server takes `?node=`. */
export async function readConfig(): Promise<Config> {
  const { nodeUrl, today, app } = await served();
  return {
    nodeUrl:
      typeof nodeUrl === 'string'
        ? nodeUrl.replace(/\/$/, '')
        : (new URLSearchParams(location.search).get('node') ?? undefined),
    today: today ?? undefined,
    app: app ?? undefined,
  };
}

/** What serve.mjs says, in its shape; nothing when the page is served by something else. */
async function served(): Promise<{ nodeUrl?: string | null; today?: TodayConfig | null; app?: 'A' | 'B' | null }> {
  try {
    const answer = await fetch('./config.json');
    return answer.ok ? ((await answer.json()) as object) : {};
  } catch {
    return {};
  }
}
