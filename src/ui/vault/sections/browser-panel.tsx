// What a person may add to the browser: the side panel, notifications, and pictures of sites. All are off until they are switched on here.
// Promises: each is one permission, asked for in the press that switches it on. Must not: show what this browser does not have.
import browser from 'webextension-polyfill';
import { Button } from '../../parts/form/button';
import { PermissionSwitch, usePermission } from '../../parts/form/permission-switch';
import { t } from '../../text';
import { Panel } from '../panel';

/** What is used of chrome.sidePanel, which is there only while its permission is given. */
interface SidePanelApi {
  setPanelBehavior(behavior: { openPanelOnActionClick: boolean }): Promise<void>;
  open(where: { windowId: number }): Promise<void>;
}
const sidePanel = () => (browser as unknown as { sidePanel?: SidePanelApi }).sidePanel;

function PanelNow() {
  const isOn = usePermission('sidePanel');
  if (!isOn) return null;
  const open = async () => {
    const { id } = await browser.windows.getCurrent();
    if (id !== undefined) await sidePanel()?.open({ windowId: id });
  };
  return (
    <div class="card-body">
      <Button testId="settings-panel-open" compact onPress={() => void open().catch(() => undefined)}>
        {t('panelOpen')}
      </Button>
    </div>
  );
}

export function BrowserPanel() {
  const isChromium = __BROWSER__ === 'chrome';
  return (
    <Panel title={t('browserTitle')} meaning={t('browserMeaning')}>
      <div class="card choices" data-testid="settings-browser">
        <PermissionSwitch testId="settings-notifications" permission="notifications">
          <p>{t('notificationsSwitch')}</p>
          <p class="small soft">{t('notificationsMeaning')}</p>
        </PermissionSwitch>
        {isChromium && (
          <>
            <PermissionSwitch
              testId="settings-panel"
              permission="sidePanel"
              onTurn={async (isOn) => sidePanel()?.setPanelBehavior({ openPanelOnActionClick: isOn })}
            >
              <p>{t('panelSwitch')}</p>
              <p class="small soft">{t('panelMeaning')}</p>
            </PermissionSwitch>
            <PanelNow />
            <PermissionSwitch testId="settings-site-icons" permission="favicon">
              <p>{t('siteIconsSwitch')}</p>
              <p class="small soft">{t('siteIconsMeaning')}</p>
            </PermissionSwitch>
          </>
        )}
      </div>
    </Panel>
  );
}
