// Entry of the popup page: mounts it, nothing else.
// Must not: hold state or words.
import { mountPage } from '../page';
import { PopupPage } from './popup-page';

mountPage(PopupPage, 'titlePopup');
