// What this copy of Quill was started with: the XMTP node that carries the messages.
// Promises never to throw: without a config there are no messages, and the rest of the page works.

/** Address of the node without a slash at the end, or undefined. A page of `vite` without the server takes `?node=`. */
export async function readNodeUrl(): Promise<string | undefined> {
  try {
    const answer = await fetch('./config.json');
    const { nodeUrl } = (answer.ok ? await answer.json() : {}) as { nodeUrl?: unknown };
    if (typeof nodeUrl === 'string') return nodeUrl.replace(/\/$/, '');
  } catch {
    // Not served by serve.mjs.
  }
  return new URLSearchParams(location.search).get('node') ?? undefined;
}
