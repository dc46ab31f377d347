/** The blob store that inline workers share with their control plane: 08 §7.1 under the reference's names. */
import { z } from "zod";
import { settingInfo } from "./setting.ts";
import { flag, httpUrl, oneOf, text } from "./values.ts";

const AWS = "floecat.storage.aws";

export const blobSettings = z.object({
  kind: oneOf(["memory", "s3"]).optional().register(settingInfo, {
    key: "floecat.blob",
    unset: "`s3` if a bucket is named, else `memory`",
    doc: "Where the control plane keeps its blobs. With `s3`, a result that is too large for one message of the inline generation is written to the bucket; with `memory` it can't be sent.",
  }),
  bucket: text().optional().register(settingInfo, {
    key: "floecat.blob.s3.bucket",
    unset: "floecat-dev",
    doc: "The control plane's bucket.",
  }),
  region: text().register(settingInfo, {
    key: `${AWS}.region`,
    default: "us-east-1",
    doc: "Region of the bucket.",
  }),
  endpoint: httpUrl()
    .optional()
    .register(settingInfo, {
      key: `${AWS}.s3.endpoint`,
      unset: "that of AWS",
      doc: "Address of the S3 server that has the bucket.",
    }),
  pathStyle: flag().register(settingInfo, {
    key: `${AWS}.s3.path-style`,
    default: "false",
    doc: "Whether the bucket stands in the path instead of in the host name.",
  }),
  accessKeyId: text()
    .optional()
    .register(settingInfo, {
      key: `${AWS}.access-key-id`,
      secret: true,
      unset: "the default chain of AWS",
      doc: "Access key for the bucket. Tables are never read with it.",
    }),
  secretAccessKey: text()
    .optional()
    .register(settingInfo, {
      key: `${AWS}.secret-access-key`,
      secret: true,
      doc: "Secret access key that belongs to it.",
    }),
  sessionToken: text()
    .optional()
    .register(settingInfo, {
      key: `${AWS}.session-token`,
      secret: true,
      doc: "Session token that belongs to it, if it is temporary.",
    }),
});
