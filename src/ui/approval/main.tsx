// Entry of the approval page: mounts it, nothing else.
// Must not: hold state or words.
import { mountPage } from '../page';
import { ApprovalPage } from './approval-page';

mountPage(ApprovalPage, 'titleApproval');
