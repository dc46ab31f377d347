export { absoluteFilePath, fileActionKey } from "./file-path.ts";
export { parseTableRoot, type TableRoot } from "./table-root.ts";
