// Entry of the vault page: mounts it, nothing else.
// Must not: hold state or words.
import { mountPage } from '../parts/page';
import { VaultPage } from './vault-page';

mountPage(VaultPage, 'titleVault');
