// Entry of the vault page.
import { mountPage } from '../page';
import { VaultPage } from './vault-page';

mountPage(VaultPage, 'titleVault');
