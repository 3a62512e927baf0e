// Goes on with a look that stopped before the end of what the node has.
// Promises: says that there is more, and reads it only after a press. Must not: draw anything when everything was seen.
import type { NetworkLook } from '../../contract/pages/network';
import { Failure } from '../parts/failure';
import { Button } from '../parts/form/button';
import { Progress } from '../parts/progress';
import { t } from '../text';
import { useCall } from '../worker/use-call';
import { ask } from '../worker/calls';
import { lookedFurther } from './looked-further';

export function LookFurther({
  account,
  look,
  onLook,
}: {
  account: string;
  look: NetworkLook;
  onLook: (look: NetworkLook) => void;
}) {
  const call = useCall();
  if (look.more === null) return null;
  const further = () =>
    call.run(
      () => ask('network_look', { account, from: look.more }),
      (next) => onLook(lookedFurther(look, next)),
    );
  return (
    <div class="stack tight" data-testid="look-more">
      <p class="small soft">{t('lookMore')}</p>
      {call.error !== undefined && <Failure error={call.error} />}
      {call.isBusy ? (
        <Progress sentence={t('looking')} onCancel={call.leave} />
      ) : (
        <div>
          <Button testId="look-further" compact onPress={further}>
            {t('lookFurther')}
          </Button>
        </div>
      )}
    </div>
  );
}
