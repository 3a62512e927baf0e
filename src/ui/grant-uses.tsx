// What a site may do and whether it asks first, as pairs: popup and sites list draw the same.
// Promises: each capability once, what needs no question on top.
import type { SiteGrant } from '../contract/pages/sites';
import { answeredWords, usesWords } from './grant-words';
import { grantGroups } from './grant-model';

export function GrantUses({ grant, nowMs }: { grant: SiteGrant; nowMs: number }) {
  return (
    <dl class="uses">
      {grantGroups(grant, nowMs).map(({ answered, capabilities }) => (
        <div key={answered} data-testid="grant-use" data-answered={answered} data-capabilities={capabilities.join(' ')}>
          <dt>{answeredWords(answered, nowMs)}</dt>
          <dd>{usesWords(capabilities)}</dd>
        </div>
      ))}
    </dl>
  );
}
