import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { deserialize, serialize } from "node:v8";
import { z } from "zod";
import type { FileOutcome } from "../../capture/index.ts";

/** A file that was captured: all that its outcome says. */
export type CapturedOutcome = Extract<FileOutcome, { ok: true }>;

/** Names a file of a table, and tells its bytes from those of another under the same name. */
export interface FileIdentity {
  /** Table and snapshot. */
  readonly table: string;
  readonly path: string;
  /** Size, and what else its store knows it by. */
  readonly identity: string;
}

/**
 * What a capture that can be resumed keeps while it runs, in a folder beside its result: the outcome of each file as soon as it
 * is there, its sidecar as a file. A later run with the same choices takes from it what hasn't changed, with the clock reading
 * of the first, so that its result is the same to the byte.
 */
export interface CaptureJournal {
  /** The clock reading of every record. */
  readonly nowMs: number;
  /** Files that an earlier run has left. */
  readonly kept: number;
  find(file: FileIdentity): Promise<CapturedOutcome | undefined>;
  keep(file: FileIdentity, outcome: CapturedOutcome): Promise<void>;
  close(): Promise<void>;
  /** Nothing is left to resume. */
  remove(): Promise<void>;
}

const header = z.object({ choices: z.string(), nowMs: z.number() });
const entry = z.object({
  table: z.string(),
  path: z.string(),
  identity: z.string(),
  sidecar: z.string().optional(),
  sha256: z.string(),
  data: z.string(),
});

/** Where in the journal an entry stands. */
interface Place {
  readonly offset: number;
  readonly length: number;
}

/**
 * Opens the journal beside `out`, or begins one. One of other choices, of another version of the program or with a damaged head is begun
 * anew; an entry that was cut off by a sudden end is left out.
 */
export async function openJournal(
  out: string,
  options: { readonly choices: unknown; readonly nowMs: number },
): Promise<CaptureJournal> {
  const path = resolve(out);
  const folder = join(dirname(path), `.${basename(path)}.resume`);
  const file = join(folder, "journal.ndjson");
  const choices = digest(JSON.stringify(options.choices));
  const found = await readJournal(file);
  const resumes = found !== undefined && found.header.choices === choices;
  if (!resumes) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(join(folder, "sidecars"), { recursive: true });
    await writeFile(file, `${JSON.stringify({ choices, nowMs: options.nowMs })}\n`);
  }
  const places = resumes ? found.places : new Map<string, Place>();
  const handle = await open(file, "r+");
  let end = resumes ? found.end : (await handle.stat()).size;
  // What a sudden end cut off is written over.
  await handle.truncate(end);
  let closed = false;
  const close = async () => {
    if (!closed) await handle.close();
    closed = true;
  };

  return {
    nowMs: resumes ? found.header.nowMs : options.nowMs,
    kept: places.size,
    async find(wanted) {
      const place = places.get(keyOf(wanted));
      return place && (await readEntry(handle, place, wanted, folder));
    },
    async keep(identity, outcome) {
      const { artifact, ...rest } = outcome;
      const sidecar = artifact && (await keepSidecar(folder, artifact.content));
      const data = serialize({ ...rest, artifact: artifact && { ...artifact, content: undefined } });
      const line = Buffer.from(
        `${JSON.stringify({ ...identity, sidecar, sha256: digest(data), data: data.toString("base64") })}\n`,
      );
      await handle.write(line, 0, line.length, end);
      end += line.length;
    },
    close,
    async remove() {
      await close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function readJournal(file: string) {
  const info = await stat(file).catch(() => undefined);
  if (info === undefined) return undefined;
  const places = new Map<string, Place>();
  let head: z.infer<typeof header> | undefined;
  let end = 0;
  for await (const text of createInterface({ input: createReadStream(file, "utf8"), terminal: false })) {
    const length = Buffer.byteLength(text) + 1;
    // Without its line end the last line may lack more.
    if (end + length > info.size) break;
    if (head === undefined) {
      head = header.safeParse(parseJson(text)).data;
      if (head === undefined) return undefined;
    } else {
      const parsed = entry.safeParse(parseJson(text));
      if (!parsed.success) break;
      places.set(keyOf(parsed.data), { offset: end, length });
    }
    end += length;
  }
  return head && { header: head, places, end };
}

/** Undefined where the entry is damaged, is that of other bytes, or has lost its sidecar. */
async function readEntry(
  handle: FileHandle,
  { offset, length }: Place,
  wanted: FileIdentity,
  folder: string,
): Promise<CapturedOutcome | undefined> {
  const { buffer } = await handle.read(Buffer.alloc(length), 0, length, offset);
  const parsed = entry.safeParse(parseJson(buffer.toString("utf8")));
  if (!parsed.success || parsed.data.identity !== wanted.identity) return undefined;
  const data = Buffer.from(parsed.data.data, "base64");
  if (digest(data) !== parsed.data.sha256) return undefined;
  const outcome: CapturedOutcome = deserialize(data);
  const { sidecar } = parsed.data;
  if (sidecar === undefined) return outcome;
  const content = await readFile(join(folder, "sidecars", sidecar)).catch(() => undefined);
  if (content === undefined || digest(content) !== sidecar || outcome.artifact === undefined)
    return undefined;
  return { ...outcome, artifact: { ...outcome.artifact, content: new Uint8Array(content) } };
}

/** Named by its digest; whole or not there. */
async function keepSidecar(folder: string, content: Uint8Array): Promise<string> {
  const name = digest(content);
  const partial = join(folder, "sidecars", `${name}.partial`);
  await writeFile(partial, content);
  await rename(partial, join(folder, "sidecars", name));
  return name;
}

function keyOf({ table, path }: { readonly table: string; readonly path: string }): string {
  return `${table}\n${path}`;
}

function digest(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
