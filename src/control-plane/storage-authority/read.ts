import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { UsageError } from "../../model/index.ts";
import type { StorageAuthority } from "./authority.ts";

/**
 * Storage authorities from a file: a JSON list. The file holds secrets, so that no message repeats a value of it.
 */
const authoritySchema = z.strictObject({
  location: z.string().regex(/^s3[an]?:\/\/[^/]/i, "an s3:// location is needed"),
  account: z.string().min(1).optional(),
  enabled: z.boolean().default(true),
  region: z.string().min(1).optional(),
  endpoint: z.url({ protocol: /^https?$/ }).optional(),
  pathStyleAccess: z.boolean().optional(),
  accessKeyId: z.string().min(1).optional(),
  secretAccessKey: z.string().min(1).optional(),
  sessionToken: z.string().min(1).optional(),
  lifetimeSeconds: z.number().positive().optional(),
  role: z
    .strictObject({
      arn: z.string().min(1),
      externalId: z.string().min(1).optional(),
      sessionName: z.string().min(1).optional(),
      durationSeconds: z.int().positive().optional(),
    })
    .optional(),
});

export async function readAuthorities(path: string, defaultAccount: string): Promise<StorageAuthority[]> {
  const listed = z.array(authoritySchema).safeParse(await parsed(path));
  if (!listed.success) {
    const { path: where, message } = listed.error.issues[0] ?? { path: [], message: "not understood" };
    throw new UsageError(`${path}: storage authority ${where.join(".")}: ${message}`);
  }
  return listed.data.map((entry, index) =>
    fromEntry(entry, defaultAccount, `${path}: storage authority ${index}`),
  );
}

async function parsed(path: string): Promise<unknown> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    const reason = error instanceof Error && "code" in error ? String(error.code) : "it can't be read";
    throw new UsageError(`${path} can't be read: ${reason}`);
  });
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`${path}: not valid JSON`);
  }
}

function fromEntry(
  entry: z.output<typeof authoritySchema>,
  defaultAccount: string,
  where: string,
): StorageAuthority {
  const { location, account = defaultAccount, enabled, region, endpoint, pathStyleAccess, role } = entry;
  const { accessKeyId, secretAccessKey, sessionToken, lifetimeSeconds } = entry;
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    throw new UsageError(`${where}: accessKeyId and secretAccessKey belong together`);
  }
  return {
    id: createHash("sha256").update(`${account}\n${location}`).digest("hex").slice(0, 32),
    accountId: account,
    enabled,
    locationPrefix: location,
    region,
    endpoint,
    pathStyle: pathStyleAccess,
    role,
    ...(accessKeyId !== undefined &&
      secretAccessKey !== undefined && {
        keys: { accessKeyId, secretAccessKey, sessionToken, lifetimeSeconds },
      }),
  };
}
