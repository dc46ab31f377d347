/** Who we are to the control plane: 08 §1 under the reference's names, with a static token of ours. */
import { z } from "zod";
import { settingInfo } from "./setting.ts";
import { clampedNumber, duration, flag, headerName, httpUrl, text } from "./values.ts";

const OIDC = "floecat.reconciler.oidc";

/** Worker and control plane must agree on it, so both read the same setting (08 §1.2). */
export const sessionHeader = headerName().optional().register(settingInfo, {
  key: "floecat.interceptor.session.header",
  doc: "Header that carries the token, typically `x-floe-session`; wins over the authorization header.",
});

export const authSettings = z.object({
  required: flag().register(settingInfo, {
    key: "floecat.reconciler.worker.auth.required",
    default: "true",
    doc: "`false` on a chunked control plane sends no token even if one is configured; an inline one gets what is configured either way (the reference does so).",
  }),
  sessionHeader,
  authorizationHeader: headerName().register(settingInfo, {
    key: "floecat.reconciler.authorization.header",
    default: "authorization",
    emptyCounts: true,
    doc: "Header that carries the token where no session header is set; empty sends no token at all.",
  }),
  token: text().optional().register(settingInfo, {
    key: "floecat.capture.auth.token",
    secret: true,
    doc: "A token to send as it is, instead of asking an identity provider for one.",
  }),
  oidcIssuer: httpUrl()
    .optional()
    .register(settingInfo, {
      key: `${OIDC}.issuer`,
      doc: "Issuer of the identity provider, such as `https://keycloak:8443/realms/floecat`. Its token endpoint is discovered, else `<issuer>/protocol/openid-connect/token`.",
    }),
  oidcClientId: text()
    .optional()
    .register(settingInfo, {
      key: `${OIDC}.client-id`,
      doc: "Our client id there.",
    }),
  oidcClientSecret: text()
    .optional()
    .register(settingInfo, {
      key: `${OIDC}.client-secret`,
      secret: true,
      doc: "Our client secret there.",
    }),
  oidcRefreshSkewSeconds: clampedNumber(0).register(settingInfo, {
    key: `${OIDC}.token-refresh-skew-seconds`,
    default: "30",
    unit: "s",
    doc: "How long before its end a token is renewed, at most a third of its lifetime.",
  }),
  oidcTimeoutMs: duration().register(settingInfo, {
    key: `${OIDC}.connect-timeout`,
    default: "10s",
    unit: "duration; a bare number is seconds",
    doc: "How long the identity provider may take for an answer. The call that needs the token has its own deadline too.",
  }),
  oidcScope: text().optional().register(settingInfo, {
    key: "floecat.capture.oidc.scope",
    doc: "`scope` parameter of the token request, for providers that ask for one.",
  }),
  oidcAudience: text().optional().register(settingInfo, {
    key: "floecat.capture.oidc.audience",
    doc: "`audience` parameter of the token request, for providers that ask for one.",
  }),
  oidcResource: text().optional().register(settingInfo, {
    key: "floecat.capture.oidc.resource",
    doc: "`resource` parameter of the token request (RFC 8707), for providers that ask for one.",
  }),
});
