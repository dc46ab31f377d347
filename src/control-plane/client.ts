/** The client's door: apart from the server's, so that neither loads the other's libraries. */
export {
  type AdminClient,
  type AdminConnection,
  connectAdmin,
  type EnqueuedTable,
  type EnqueueRequest,
  type ResultItem,
  type TableProgress,
} from "./admin/client.ts";
