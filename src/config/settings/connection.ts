/** How the control plane is reached: 03 §2 (`worker-control.grpc.*` and the shared client), 01 §10, and TLS of ours. */
import { z } from "zod";
import { settingInfo } from "./setting.ts";
import { clampedNumber, flag, httpUrl, oneOf, portNumber, text, wholeNumber } from "./values.ts";

const GRPC = "floecat.reconciler.worker-control.grpc";

export const connectionSettings = z.object({
  url: httpUrl().optional().register(settingInfo, {
    key: "floecat.capture.control-plane.url",
    flag: "control-plane",
    doc: "Address of the control plane, `http://host:port` (plain text) or `https://host:port` (TLS). Wins over host, port and plain-text.",
    unset: "made of host, port and plain-text",
  }),
  wire: oneOf(["auto", "inline", "chunked"]).register(settingInfo, {
    key: "floecat.capture.wire",
    flag: "wire",
    default: "auto",
    doc: "Wire generation of the control plane. `auto` finds it out by reflection, else by harmless probes; a wrong one corrupts results.",
  }),
  host: text()
    .optional()
    .register(settingInfo, {
      key: `${GRPC}.host`,
      env: ["FLOECAT_RECONCILER_WORKER_GRPC_HOST"],
      doc: "Host of the control plane.",
      unset: "the shared client's host",
    }),
  sharedHost: text().register(settingInfo, {
    key: "quarkus.grpc.clients.floecat.host",
    env: ["FLOECAT_GRPC_HOST"],
    default: "127.0.0.1",
    emptyCounts: true,
    doc: "Host of the shared client, used where the worker's own host is not set.",
  }),
  port: portNumber().register(settingInfo, {
    key: `${GRPC}.port`,
    env: ["FLOECAT_RECONCILER_WORKER_GRPC_PORT"],
    fallbacks: [
      { key: "quarkus.grpc.clients.floecat.port", env: ["FLOECAT_GRPC_PORT"] },
      { key: "quarkus.http.port" },
    ],
    default: "9100",
    doc: "Port of the control plane.",
  }),
  plainText: flag().register(settingInfo, {
    key: `${GRPC}.plain-text`,
    env: ["FLOECAT_RECONCILER_WORKER_GRPC_PLAIN_TEXT"],
    fallbacks: [{ key: "quarkus.grpc.clients.floecat.plain-text" }],
    default: "true",
    doc: "Whether host and port are spoken to without TLS.",
  }),
  maxInboundMessageBytes: clampedNumber(0).register(settingInfo, {
    key: `${GRPC}.max-inbound-message-size`,
    env: ["FLOECAT_RECONCILER_WORKER_GRPC_MAX_INBOUND_MESSAGE_SIZE"],
    default: "0",
    unit: "bytes",
    doc: "Largest answer that is read; 0 or less means 67108864 (the reference reads 4194304, too little for a lease that carries stored aggregates).",
  }),
  maxRequestBytes: wholeNumber(1).optional().register(settingInfo, {
    key: "floecat.capture.max-request-bytes",
    flag: "max-request-bytes",
    unit: "bytes",
    unset: "262144 for inline, 67108864 for chunked",
    doc: "Largest message that the control plane takes (its `quarkus.grpc.server.max-inbound-message-size`); no server tells.",
  }),
  deadlineMs: clampedNumber(1000).register(settingInfo, {
    key: `${GRPC}.deadline-ms`,
    env: ["FLOECAT_RECONCILER_WORKER_GRPC_DEADLINE_MS"],
    default: "120000",
    unit: "ms, at least 1000",
    doc: "Deadline of LeaseReconcileJob, StartLeasedReconcileJob and GetLeasedFileGroupExecution.",
  }),
  leaseDeadlineMs: clampedNumber(1000).register(settingInfo, {
    key: `${GRPC}.lease-deadline-ms`,
    env: ["FLOECAT_RECONCILER_WORKER_GRPC_LEASE_DEADLINE_MS"],
    default: "120000",
    unit: "ms, at least 1000",
    doc: "Deadline of RenewReconcileLease, ReportReconcileProgress and GetReconcileCancellation; a heartbeat's is shorter if its period asks for it.",
  }),
  mutationDeadlineMs: clampedNumber(1000).register(settingInfo, {
    key: `${GRPC}.mutation-deadline-ms`,
    env: ["FLOECAT_RECONCILER_WORKER_GRPC_MUTATION_DEADLINE_MS"],
    default: "120000",
    unit: "ms, at least 1000",
    doc: "Deadline of SubmitLeasedFileGroupExecutionResult and CompleteLeasedReconcileJob.",
  }),
  keepAliveMs: clampedNumber(1000).register(settingInfo, {
    key: `${GRPC}.keep-alive-time-ms`,
    default: "30000",
    unit: "ms, at least 1000",
    doc: "How often a connection with open calls is checked.",
  }),
  keepAliveTimeoutMs: clampedNumber(1000).register(settingInfo, {
    key: `${GRPC}.keep-alive-timeout-ms`,
    default: "10000",
    unit: "ms, at least 1000",
    doc: "How long the answer to such a check may take before the connection counts as lost.",
  }),
  keepAliveWithoutCalls: flag().register(settingInfo, {
    key: `${GRPC}.keep-alive-without-calls`,
    default: "false",
    doc: "Whether a connection without open calls is checked too.",
  }),
  tlsCaFile: text().optional().register(settingInfo, {
    key: "floecat.capture.tls.ca-file",
    flag: "tls-ca",
    unset: "the system's and Node's roots",
    doc: "PEM file with the certificate authorities that may sign the control plane's certificate, instead of the roots.",
  }),
  tlsCertificateFile: text().optional().register(settingInfo, {
    key: "floecat.capture.tls.client-certificate-file",
    flag: "tls-cert",
    doc: "PEM file with our client certificate and its chain, for control planes or proxies that ask for one.",
  }),
  tlsKeyFile: text().optional().register(settingInfo, {
    key: "floecat.capture.tls.client-key-file",
    flag: "tls-key",
    doc: "PEM file with the client certificate's private key.",
  }),
  tlsServerName: text().optional().register(settingInfo, {
    key: "floecat.capture.tls.server-name",
    unset: "the host of the address",
    doc: "Name that the control plane's certificate must carry.",
  }),
});
