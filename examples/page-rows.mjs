/**
 * The pages of one column, with what a query for a range of values would read of it:
 *
 *   node examples/page-rows.mjs <file.parquet> <column> [<from> <to>]
 *
 * `from` and `to` are numbers or text, as the column has them.
 */
import { captureFile, SourceMissingError, UnreadableFileError } from "floecat-capture";

const [file, column, from, to] = process.argv.slice(2);
if (file === undefined || column === undefined) {
  console.error("usage: node examples/page-rows.mjs <file.parquet> <column> [<from> <to>]");
  process.exit(2);
}

let pages = 0;
let bytes = 0;
let wanted = 0;
let wantedBytes = 0;
try {
  // Pages come while the file is read; leaving the loop, or aborting `signal`, ends the reading.
  for await (const page of captureFile(file, { columns: [column], signal: AbortSignal.timeout(60_000) })) {
    const first = page.firstRowIndex;
    const last = first + BigInt(page.rowCount) - 1n;
    const isWanted = mayHold(page.bounds);
    console.log(
      `row group ${page.rowGroup}, page ${page.pageOrdinal}: rows ${first} to ${last}, ${show(page.bounds)}${isWanted ? "" : " (skipped)"}`,
    );
    pages++;
    bytes += page.pageTotalCompressedSize;
    if (isWanted) {
      wanted++;
      wantedBytes += page.pageTotalCompressedSize;
    }
  }
  console.log(`${wanted} of ${pages} pages, ${wantedBytes} of ${bytes} bytes`);
} catch (error) {
  if (error instanceof UnreadableFileError) {
    // Where it is damaged, and how: for a program that goes on with the next file.
    console.error(
      `unreadable at offset ${error.offset ?? "?"} (column ${error.column ?? "?"}): ${error.reason}`,
    );
    process.exitCode = 1;
  } else if (error instanceof SourceMissingError) {
    console.error(error.message);
    process.exitCode = 1;
  } else throw error;
}

/** @param {import("floecat-capture").PageBounds | undefined} bounds */
function mayHold(bounds) {
  // Without bounds every value of the page is null.
  if (bounds === undefined) return from === undefined;
  if (from === undefined || to === undefined) return true;
  switch (bounds.kind) {
    case "utf8":
      return bounds.max >= from && bounds.min <= to;
    case "i32":
    case "f32":
    case "f64":
      return bounds.max >= Number(from) && bounds.min <= Number(to);
    case "i64":
      return bounds.max >= BigInt(from) && bounds.min <= BigInt(to);
    default:
      return true;
  }
}

/** @param {import("floecat-capture").PageBounds | undefined} bounds */
function show(bounds) {
  if (bounds === undefined) return "no values";
  const text = (/** @type {typeof bounds.min} */ bound) =>
    bound instanceof Uint8Array ? `0x${Buffer.from(bound).toString("hex")}` : String(bound);
  return `${text(bounds.min)} to ${text(bounds.max)}`;
}
