// Entry of the side panel: mounts it, nothing else.
// Must not: hold state or words.
import { mountPage } from '../parts/page';
import { PanelPage } from './panel-page';

mountPage(PanelPage, 'titlePopup');
