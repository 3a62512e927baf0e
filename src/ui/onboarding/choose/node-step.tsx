// Which node: asked where others shall be able to write, or where keys come from a network, and none is set.
// Promises: says that there is no public node to choose; goes on by itself once a node has answered.
import type { EnrolmentSource } from '../../../contract/choices';
import type { Settings } from '../../../contract/pages/settings';
import { NetworkSetting } from '../../network/network-setting';
import { Button } from '../../parts/form/button';
import { StepHead } from '../../parts/step-head';
import { t } from '../../text';

interface NodeStepProps {
  source: EnrolmentSource;
  settings: Settings;
  onKept: () => void;
  onBack: () => void;
}

export function NodeStep({ source, settings, onKept, onBack }: NodeStepProps) {
  return (
    <div class="stack loose">
      <StepHead title={t(source === 'network' ? 'networkWhich' : 'nodeTitle')}>{t('nodeBody')}</StepHead>
      <NetworkSetting settings={settings} isNeeded onKept={onKept} />
      <div>
        <Button testId="node-back" look="quiet" onPress={onBack}>
          {t('back')}
        </Button>
      </div>
    </div>
  );
}
