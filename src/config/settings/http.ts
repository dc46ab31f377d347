/** How identity providers and catalogs are reached: the proxy variables that other programs know, and trust of ours (08 §1, §9). */
import { z } from "zod";
import { settingInfo } from "./setting.ts";
import { proxyAddress, text } from "./values.ts";

export const httpSettings = z.object({
  caFile: text().optional().register(settingInfo, {
    key: "floecat.capture.http.ca-file",
    unset: "the file of `floecat.capture.tls.ca-file`, if that is set",
    doc: "PEM file with certificate authorities that identity providers and catalogs may be signed by, beside the system's and Node's roots.",
  }),
  proxy: proxyAddress()
    .optional()
    .register(settingInfo, {
      key: "floecat.capture.http.proxy",
      env: ["http_proxy", "HTTP_PROXY"],
      secret: true,
      doc: "Proxy for `http:` addresses of identity providers and catalogs, such as `http://user:password@proxy:3128`. The control plane is reached without one.",
    }),
  tlsProxy: proxyAddress()
    .optional()
    .register(settingInfo, {
      key: "floecat.capture.http.tls-proxy",
      env: ["https_proxy", "HTTPS_PROXY"],
      secret: true,
      doc: "Proxy for their `https:` addresses.",
    }),
  noProxy: text()
    .optional()
    .register(settingInfo, {
      key: "floecat.capture.http.no-proxy",
      env: ["no_proxy", "NO_PROXY"],
      unset: "this machine alone",
      doc: "What is reached without a proxy, by commas: `example.org` with all below it, `host:port`, an IP address, a range such as `10.0.0.0/8`, or `*`. Addresses of this machine always are.",
    }),
});
