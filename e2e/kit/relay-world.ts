// The relay's own world in a page: code that runs there has what a compromised renderer has, our content script's API.
// Promises: the expression runs in the isolated world of the top frame, and its result comes back as plain data.
import type { Page } from 'playwright';
import { extensionId } from './chromium';

export interface RelayWorld {
  /** Evaluates an expression and awaits it. Throws with the text of what the expression threw. */
  evaluate<T>(expression: string): Promise<T>;
  /** Frames of the page (by CDP id) in which the extension has a world. */
  frameIds: string[];
}

/** Worlds as they are now; ask again after a navigation. `frameIds` is empty where no content script runs. */
export async function relayWorld(page: Page): Promise<RelayWorld> {
  const session = await page.context().newCDPSession(page);
  const worlds: { id: number; frameId: string }[] = [];
  session.on('Runtime.executionContextCreated', ({ context }) => {
    if (context.origin === `chrome-extension://${extensionId}` && context.auxData?.type === 'isolated')
      worlds.push({ id: context.id, frameId: context.auxData.frameId as string });
  });
  await session.send('Runtime.enable');
  return {
    frameIds: worlds.map(({ frameId }) => frameId),
    async evaluate<T>(expression: string) {
      const world = worlds[0];
      if (!world) throw new Error('the extension has no world in this page');
      const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
        expression,
        contextId: world.id,
        awaitPromise: true,
        returnByValue: true,
      });
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value as T;
    },
  };
}
