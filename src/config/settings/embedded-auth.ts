/** Who may call the embedded control plane: 02 §1.2 and 08 §1.8 under the names of the reference and of its framework. */
import { z } from "zod";
import { sessionHeader } from "./auth.ts";
import { settingInfo } from "./setting.ts";
import { flag, headerName, httpUrl, oneOf, text, textList } from "./values.ts";

const OIDC = "quarkus.oidc";

export const embeddedAuthSettings = z.object({
  mode: oneOf(["oidc", "dev", "none"]).register(settingInfo, {
    key: "floecat.auth.mode",
    flag: "auth",
    default: "dev",
    doc: "How the embedded control plane tells callers apart: `oidc` by the signed tokens of an identity provider; `dev` takes whoever calls, in the account that a header names; `none` takes whoever calls and looks at nothing.",
  }),
  account: text().register(settingInfo, {
    key: "floecat.capture.embedded.account",
    default: "local",
    doc: "Its account: of tables that are enqueued, of callers that name none, and the one that tokens may name.",
  }),
  validateAccount: flag().register(settingInfo, {
    key: "floecat.interceptor.validate.account",
    default: "true",
    doc: "`false` takes tokens of any account (`oidc`).",
  }),
  devAccountHeader: headerName().register(settingInfo, {
    key: "floecat.interceptor.dev-account.header",
    default: "x-floe-account",
    doc: "Header that names the account (`dev`).",
  }),
  sessionHeader,
  authorizationHeader: headerName().register(settingInfo, {
    key: "floecat.interceptor.authorization.header",
    default: "authorization",
    doc: "Header in which the embedded control plane looks for a token that the session header doesn't carry (`oidc`).",
  }),
  issuer: httpUrl()
    .optional()
    .register(settingInfo, {
      key: `${OIDC}.auth-server-url`,
      doc: "Issuer whose tokens are taken (`oidc`). Its keys are discovered.",
    }),
  audience: textList()
    .optional()
    .register(settingInfo, {
      key: `${OIDC}.token.audience`,
      unit: "comma-separated",
      unset: "any audience",
      doc: "Audiences of which a token must name one (`oidc`).",
    }),
  accountClaim: text().register(settingInfo, {
    key: "floecat.interceptor.session.account-claim",
    default: "account_id",
    doc: "Claim of a token that names the account (`oidc`).",
  }),
  roleClaim: text().register(settingInfo, {
    key: "floecat.interceptor.session.role-claim",
    default: "roles",
    doc: "Claim that lists the roles, else `realm_access.roles` (`oidc`). Workers need `reconcile-worker`; `administrator`, `developer` or `platform-admin` may enqueue, list and cancel.",
  }),
});
