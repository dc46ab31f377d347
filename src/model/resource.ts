/** A catalog resource, as leases and records carry it (01 §8.1). Copied whole into every record, `kind` included. */
export interface ResourceId {
  readonly accountId: string;
  readonly id: string;
  /** Number of `ResourceKind` (01 §8.1); kept open, since records must echo what the lease said. */
  readonly kind: number;
}

/** `RK_TABLE` (01 §8.1). */
export const RESOURCE_KIND_TABLE = 4;
/** `RK_CONNECTOR` (01 §8.1). */
export const RESOURCE_KIND_CONNECTOR = 7;
