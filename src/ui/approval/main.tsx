// Entry of the approval page.
import { mountPage } from '../page';
import { ApprovalPage } from './approval-page';

mountPage(ApprovalPage, 'titleApproval');
