// Who speaks: turns the browser's sender into a dapp (one document of one origin) or one of our pages, or refuses.
// Promises: reads only what the browser process vouches for (`id`, `origin`, `documentId`, `frameId`, `tab.id`); one defect refuses (R-A1, R-A2, R-A4, R-A7).
// Must not: look at a port's name, a message, a title, `sender.url` of a dapp or `tab.url`.
import { pages, type PageName } from '../../contract/pages/pages';
import { isGrantOrigin } from '../../vault/consent/grant-record';

/** The fields of runtime.MessageSender that are used. */
export interface Sender {
  id?: string | undefined;
  origin?: string | undefined;
  url?: string | undefined;
  frameId?: number | undefined;
  documentId?: string | undefined;
  documentLifecycle?: string | undefined;
  tab?: { id?: number | undefined } | undefined;
}

/** One document of a web page. `documentKey` differs for every document, also of the same address. */
export interface Dapp {
  kind: 'dapp';
  origin: string;
  documentKey: string;
  tabId: number;
}

export interface OwnPage {
  kind: 'page';
  page: PageName;
}

/** Where this extension itself lives. */
export interface Self {
  id: string;
  /** "chrome-extension://<id>" or "moz-extension://<uuid>", no slash at the end. */
  origin: string;
}

/** The origin text a grant is kept under, when it may have one; undefined otherwise. The rule is the vault's. */
export function grantableOrigin(origin: string | undefined): string | undefined {
  return origin !== undefined && isGrantOrigin(origin) ? origin : undefined;
}

/** Says who is at the other end of a port, or undefined: then the port is closed and nothing is remembered. */
export function classifySender(
  sender: Sender | undefined,
  self: Self,
  freshKey: () => string,
): Dapp | OwnPage | undefined {
  // Content scripts carry our id too; other extensions do not.
  if (!sender || sender.id !== self.id) return undefined;
  if (sender.origin === self.origin) {
    if (sender.url === undefined || !URL.canParse(sender.url)) return undefined;
    const url = new URL(sender.url);
    // Chromium gives extension schemes an opaque `origin`, so the boundary is compared as text with its slash.
    if (!url.href.startsWith(`${self.origin}/`)) return undefined;
    for (const [page, path] of Object.entries(pages))
      if (url.pathname === path) return { kind: 'page', page: page as PageName };
    return undefined;
  }
  const origin = grantableOrigin(sender.origin);
  if (origin === undefined) return undefined;
  if (sender.frameId !== 0 || sender.tab?.id === undefined) return undefined;
  if (sender.documentLifecycle !== undefined && sender.documentLifecycle !== 'active') return undefined;
  // Firefox before 153 has no documentId: there each port counts as a document of its own, so nothing outlives a reconnect.
  return { kind: 'dapp', origin, documentKey: sender.documentId ?? freshKey(), tabId: sender.tab.id };
}
