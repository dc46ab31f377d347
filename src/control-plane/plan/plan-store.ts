import { type ObjectStore, openStore, type StoreSettings, s3SettingsOf } from "../../storage/index.ts";
import type { ServiceContext } from "../service.ts";
import { findAuthority, vendedBy } from "../storage-authority/index.ts";

/**
 * The store of a table's planning: with the credentials of the storage authority that covers the table, which its workers are
 * given too, else with the table's options, which may also name a test directory (08 §5.5).
 */
export async function planStore(
  { authorities, mint, generation }: ServiceContext,
  settings: StoreSettings,
  table: {
    readonly uri: string;
    readonly properties: Readonly<Record<string, string>>;
    readonly accountId: string;
  },
): Promise<ObjectStore> {
  const location = table.uri.split("\n", 1)[0]?.trim().replace(/\/+$/, "") ?? "";
  const authority = findAuthority(authorities, table.accountId, location);
  const minted = authority && (await mint(authority, { location, generation }));
  const options = {
    ...table.properties,
    ...(authority && vendedBy(authority, location, minted).storageCredentials[0]?.config),
  };
  // Neither an authority nor the table says how S3 is reached: as this machine is set up.
  const isStated = Object.keys(options).some((key) => key.startsWith("s3."));
  return openStore({
    ...settings,
    s3: isStated ? s3SettingsOf(options, "iceberg") : (settings.s3 ?? s3SettingsOf({}, "iceberg")),
    testRoot: table.properties["fs.floecat.test-root"] ?? settings.testRoot,
  });
}
