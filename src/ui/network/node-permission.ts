// The browser's leave to use a node: asked for after a press, and seen to be missing when a person took it back in the browser's own settings.
// Promises: what is asked for is what the worker wants to have before it asks a node. Must not: ask without a person's act.
import { useEffect, useState } from 'preact/hooks';
import browser, { type Permissions } from 'webextension-polyfill';
import { hostPattern, nodePermissions, type NodeKind } from '../../contract/origins';

const wanted = (url: string, kind: NodeKind) =>
  nodePermissions(hostPattern(url), kind, __BROWSER__) as Permissions.Permissions;

/** Resolves to whether it was given. Call it first of all, while the press still counts as an act of a person. */
export const askForNode = (url: string, kind: NodeKind): Promise<boolean> =>
  browser.permissions.request(wanted(url, kind));

/** True when the node is set and the browser does not, or no longer, let us use it. */
export function useMissingPermission(url: string | null, kind: NodeKind): boolean {
  const [isMissing, setMissing] = useState(false);
  useEffect(() => {
    if (url === null) return setMissing(false);
    let isGone = false;
    const look = async () => {
      const isThere = await browser.permissions.contains(wanted(url, kind));
      if (!isGone) setMissing(!isThere);
    };
    const again = () => void look();
    again();
    browser.permissions.onAdded.addListener(again);
    browser.permissions.onRemoved.addListener(again);
    return () => {
      isGone = true;
      browser.permissions.onAdded.removeListener(again);
      browser.permissions.onRemoved.removeListener(again);
    };
  }, [url, kind]);
  return isMissing;
}
