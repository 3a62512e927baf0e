// The way to a page of help, where its question arises.
// Promises: on the vault page it goes there, elsewhere it opens a tab, so that nothing that was begun is left. Must not: be on the approval page, which leads nowhere.
import { pages } from '../../../contract/pages/pages';
import { addressOf, type HelpTopic } from '../../place';
import { openPage } from '../../tabs';
import { t } from '../../text';
import { Button } from './button';

const questions = { prekey: 'helpPrekeyTitle', code: 'helpCodeTitle' } as const;

export function HelpLink({ topic }: { topic: HelpTopic }) {
  const address = addressOf({ section: 'help', help: topic });
  const go = () => {
    if (location.pathname === pages.vault) location.hash = address;
    else void openPage('vault', address);
  };
  return (
    <div>
      <Button testId={`help-${topic}`} look="quiet" icon="question" onPress={go}>
        {t(questions[topic])}
      </Button>
    </div>
  );
}
