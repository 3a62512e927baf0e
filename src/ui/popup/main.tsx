// Entry of the popup page.
import { mountPage } from '../page';
import { PopupPage } from './popup-page';

mountPage(PopupPage, 'titlePopup');
