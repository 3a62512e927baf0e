// Calls about the wallet face: on which sites the vault may be met by apps that know wallets only.
import * as v from 'valibot';
import { faceChoices } from '../choices';
import { glancePages, row, type Row } from './pages';
import { none, origin } from '../schemas';

/** A site where the wallet face is on. */
export interface SiteFace {
  origin: string;
  /** It is `window.ethereum` there, too. */
  standsIn: boolean;
}

export const faceMethods = {
  face_list: row<SiteFace[]>()({ params: none, pages: [...glancePages, 'vault'] }),
  /**
   * Switches it on or off for one site, from the next time its pages are loaded. `waits`: the browser has not given its permission (yet). When it
   * does within five minutes, the face is switched on, also when the page that asked is closed by then. Throws `limit`; `invalid-input` for a site that cannot have it.
   */
  face_set: row<'done' | 'waits'>()({
    params: v.strictObject({ origin, face: v.picklist(faceChoices) }),
    pages: [...glancePages, 'vault'],
  }),
} as const satisfies Record<string, Row>;
