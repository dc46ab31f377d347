/** The generation's own descriptors: what a server that speaks it declares, as far as a worker is concerned. */
import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import { file_floecat_catalog_index } from "./gen/floecat/catalog/index_pb.ts";
import { file_floecat_catalog_stats } from "./gen/floecat/catalog/stats_pb.ts";
import { file_floecat_catalog_table } from "./gen/floecat/catalog/table_pb.ts";
import { file_floecat_common_common } from "./gen/floecat/common/common_pb.ts";
import { file_floecat_connector_connector } from "./gen/floecat/connector/connector_pb.ts";
import { file_floecat_reconciler_reconciler } from "./gen/floecat/reconciler/reconciler_pb.ts";
import { file_floecat_storage_authority } from "./gen/floecat/storage/authority_pb.ts";

export const inlineFiles: readonly FileDescriptorProto[] = [
  file_floecat_reconciler_reconciler,
  file_floecat_catalog_stats,
  file_floecat_catalog_index,
  file_floecat_catalog_table,
  file_floecat_common_common,
  file_floecat_connector_connector,
  file_floecat_storage_authority,
].map(({ proto }) => proto);
