// Entry of the approval page: mounts it, nothing else.
// Must not: hold state or words.
import { mountPage } from '../parts/page';
import { ApprovalPage } from './approval-page';

mountPage(ApprovalPage, 'titleApproval');
