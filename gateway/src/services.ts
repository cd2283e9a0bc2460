import { MembersServiceService } from '@unionfold/contracts/members';
import { NotificationsServiceService } from '@unionfold/contracts/notifications';
import { OperationsServiceService } from '@unionfold/contracts/operations';
import {
  BookingServiceService,
  CommitteesServiceService,
  GridServiceService,
  OrganizationsServiceService,
  UnionRowsServiceService,
} from '@unionfold/contracts/organizations';
import { WelfareServiceService } from '@unionfold/contracts/welfare';
import {
  type RemoteMethods,
  remoteService,
  type ServiceDirectory,
  type ServiceName,
} from '@unionfold/service-kit';

/** Clients of the services. */
export interface Services {
  readonly organizations: RemoteMethods<typeof OrganizationsServiceService>;
  readonly bookings: RemoteMethods<typeof BookingServiceService>;
  readonly committees: RemoteMethods<typeof CommitteesServiceService>;
  readonly grid: RemoteMethods<typeof GridServiceService>;
  /** Rows of tables of unions, of the organizations service. */
  readonly unionRows: RemoteMethods<typeof UnionRowsServiceService>;
  readonly members: RemoteMethods<typeof MembersServiceService>;
  readonly welfare: RemoteMethods<typeof WelfareServiceService>;
  readonly notifications: RemoteMethods<typeof NotificationsServiceService>;
  /** The operators' interface of each. */
  readonly operations: Readonly<
    Record<ServiceName, RemoteMethods<typeof OperationsServiceService>>
  >;
}

/** @param deadlineMs time after which a call counts as unanswered */
export function connectServices(directory: ServiceDirectory, deadlineMs: number): Services {
  const operations = (service: ServiceName) =>
    remoteService(OperationsServiceService, service, directory, deadlineMs);
  return {
    organizations: remoteService(
      OrganizationsServiceService,
      'organizations',
      directory,
      deadlineMs,
    ),
    bookings: remoteService(BookingServiceService, 'organizations', directory, deadlineMs),
    committees: remoteService(CommitteesServiceService, 'organizations', directory, deadlineMs),
    grid: remoteService(GridServiceService, 'organizations', directory, deadlineMs),
    unionRows: remoteService(UnionRowsServiceService, 'organizations', directory, deadlineMs),
    members: remoteService(MembersServiceService, 'members', directory, deadlineMs),
    welfare: remoteService(WelfareServiceService, 'welfare', directory, deadlineMs),
    notifications: remoteService(
      NotificationsServiceService,
      'notifications',
      directory,
      deadlineMs,
    ),
    operations: {
      organizations: operations('organizations'),
      members: operations('members'),
      welfare: operations('welfare'),
      notifications: operations('notifications'),
    },
  };
}
