// The seeded defects, by room. Each is one line that an attacker, a careless hand or a merge could change without any type complaining.
// Must not: name a test that would fail for another reason.
import type { Defect } from './defect';
import { activityDefects } from './defects/activity';
import { backgroundDefects } from './defects/background';
import { bridgeDefects } from './defects/bridge';
import { consentDefects } from './defects/consent';
import { gateDefects } from './defects/gate';
import { inboxDefects } from './defects/inbox';
import { keystoreDefects } from './defects/keystore';
import { loadDefects } from './defects/load';
import { networkDefects } from './defects/network';
import { peopleDefects } from './defects/people';
import { protocolDefects } from './defects/protocol';
import { publicationDefects } from './defects/publication';
import { rightsDefects } from './defects/rights';
import { scopeDefects } from './defects/scopes';
import { sdkDefects } from './defects/sdk';
import { storeDefects } from './defects/store';
import { unlockDefects } from './defects/unlock';
import { vaultDefects } from './defects/vault';

export const defects: readonly Defect[] = [
  ...activityDefects,
  ...backgroundDefects,
  ...bridgeDefects,
  ...consentDefects,
  ...gateDefects,
  ...inboxDefects,
  ...keystoreDefects,
  ...loadDefects,
  ...networkDefects,
  ...peopleDefects,
  ...protocolDefects,
  ...publicationDefects,
  ...rightsDefects,
  ...scopeDefects,
  ...sdkDefects,
  ...storeDefects,
  ...unlockDefects,
  ...vaultDefects,
];
