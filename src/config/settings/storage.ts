/** S3 as `capture` and `inspect` read it, whose tables no connector describes (08 §4, §5.4), and where anything may be read. */
import { z } from "zod";
import { settingInfo } from "./setting.ts";
import { flag, httpUrl, text, textList, wholeNumber } from "./values.ts";

const S3 = "floecat.capture.s3";

export const storageSettings = z.object({
  s3Endpoint: httpUrl()
    .optional()
    .register(settingInfo, {
      key: `${S3}.endpoint`,
      env: ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"],
      flag: "s3-endpoint",
      unset: "AWS, by region",
      doc: "S3 server that `capture` and `inspect` read `s3://` from, such as `http://127.0.0.1:9000`. For a worker the connector says it; the AWS variables fill in.",
    }),
  s3Region: text()
    .optional()
    .register(settingInfo, {
      key: `${S3}.region`,
      env: ["AWS_REGION", "AWS_DEFAULT_REGION"],
      flag: "s3-region",
      unset: "us-east-1, and the bucket's own once S3 has named it",
      doc: "Region of the bucket, for `capture` and `inspect`.",
    }),
  s3PathStyle: flag()
    .optional()
    .register(settingInfo, {
      key: `${S3}.path-style`,
      flag: "s3-path-style",
      unset: "true with an endpoint that isn't Amazon's",
      doc: "Whether the bucket stands in the path instead of in the host name, for `capture` and `inspect`.",
    }),
  s3Anonymous: flag().register(settingInfo, {
    key: `${S3}.anonymous`,
    flag: "s3-anonymous",
    default: "false",
    doc: "Reads public buckets without signing, for `capture` and `inspect`.",
  }),
  gcsAnonymous: flag().register(settingInfo, {
    key: "floecat.capture.gcs.anonymous",
    flag: "gcs-anonymous",
    default: "false",
    doc: "Reads public buckets of Google Cloud Storage without credentials, for `capture` and `inspect`.",
  }),
  azureAnonymous: flag().register(settingInfo, {
    key: "floecat.capture.azure.anonymous",
    flag: "azure-anonymous",
    default: "false",
    doc: "Reads public containers of Azure without credentials, for `capture` and `inspect`.",
  }),
  awsProfile: text()
    .optional()
    .register(settingInfo, {
      key: `${S3}.profile`,
      env: ["AWS_PROFILE"],
      flag: "aws-profile",
      doc: "Profile of the AWS configuration files whose credentials are used, for `capture` and `inspect`.",
    }),
  awsRoleArn: text()
    .optional()
    .register(settingInfo, {
      key: `${S3}.role-arn`,
      flag: "aws-role-arn",
      doc: "Role that `capture` and `inspect` assume to read, by the credentials that the machine has.",
    }),
  awsExternalId: text()
    .optional()
    .register(settingInfo, {
      key: `${S3}.external-id`,
      flag: "aws-external-id",
      secret: true,
      doc: "External id that the role asks for.",
    }),
  allowedSchemes: textList().optional().register(settingInfo, {
    key: "floecat.capture.reach.schemes",
    unset: "all that can be read",
    doc: "Schemes of paths that may be read across the network, by commas, such as `s3,s3a`. Of use to a worker, whose connectors others write.",
  }),
  allowedHosts: textList().optional().register(settingInfo, {
    key: "floecat.capture.reach.hosts",
    unset: "all but link-local addresses, which never may",
    doc: "Hosts that data may be read from and catalogs asked at, by commas; `*.example.org` stands for all below it.",
  }),
  concurrentRequests: wholeNumber(1).register(settingInfo, {
    key: "floecat.capture.store.concurrent-requests",
    default: "32",
    unit: "requests",
    doc: "Requests to stores that each capture thread has under way at most.",
  }),
  requestAttempts: wholeNumber(1).register(settingInfo, {
    key: "floecat.capture.store.attempts",
    default: "6",
    doc: "Tries of a request that is throttled or breaks off, the first counted.",
  }),
  readAheadBytes: wholeNumber(1).register(settingInfo, {
    key: "floecat.capture.store.read-ahead-bytes",
    default: "25165824",
    unit: "bytes",
    doc: "What each capture thread holds of files across the network that it has fetched ahead, beside the memory for decoding.",
  }),
  requestTimeoutMs: wholeNumber(1).register(settingInfo, {
    key: "floecat.capture.store.request-timeout-ms",
    default: "120000",
    unit: "ms",
    doc: "How long one request may take, with its answer's body.",
  }),
});
