/** The HTTP server of worker and embedded control plane: health, metrics, status page. */
import { z } from "zod";
import { settingInfo } from "./setting.ts";
import { socketAddress, text } from "./values.ts";

export const statusPageSettings = z.object({
  listen: socketAddress().optional().register(settingInfo, {
    key: "floecat.capture.status-page.listen",
    flag: "http",
    unset: "no HTTP server",
    doc: "Address and port of `/healthz`, `/readyz`, `/metrics` and the status page, such as `127.0.0.1:9464`.",
  }),
  token: text().optional().register(settingInfo, {
    key: "floecat.capture.status-page.token",
    secret: true,
    unset: "no token is asked for, and only loopback addresses are listened on",
    doc: "Asked for by metrics and status page, as `Authorization: Bearer` or as the password of a browser's prompt (any user name).",
  }),
  allowedHosts: text().optional().register(settingInfo, {
    key: "floecat.capture.status-page.allowed-hosts",
    unset: "addresses and `localhost` alone",
    doc: "Host names, comma-separated, under which others reach the HTTP server. Requests under any other name are refused, so that no web page can read it through a name of its own.",
  }),
});
