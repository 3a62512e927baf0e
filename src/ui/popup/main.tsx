// Entry of the popup page: mounts it, nothing else.
// Must not: hold state or words.
import { mountPage } from '../parts/page';
import { PopupPage } from './popup-page';

mountPage(PopupPage, 'titlePopup');
