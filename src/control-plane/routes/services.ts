import type { DescFile } from "@bufbuild/protobuf";
import type { Permission } from "../auth/index.ts";
import type { controlCalls } from "../control/control-calls.ts";
import type { JobMessages } from "../control/job-messages.ts";
import type { storageCalls } from "../control/storage-calls.ts";
import type { leaseCalls } from "../executor/lease-calls.ts";
import type { Route } from "../grpc/index.ts";
import type { ServiceContext } from "../service.ts";

/** What the routes of a generation connect: calls in plain values on one side, that generation's messages on the other. */
export interface Services {
  readonly context: ServiceContext;
  readonly messages: JobMessages;
  readonly leases: ReturnType<typeof leaseCalls>;
  readonly control: ReturnType<typeof controlCalls>;
  readonly storage: ReturnType<typeof storageCalls>;
}

export interface GenerationRoutes {
  readonly routes: readonly Route[];
  /** For reflection. */
  readonly files: readonly DescFile[];
}

export const EXECUTOR = "reconcile-executor-control.internal";
export const MANAGE = "connector.manage";
/** Either of them (02 §8). */
export const START: readonly Permission[] = ["connector.manage", "connector.create"];
export const VEND = "storage-authority.resolve-internal";
