import { readHttpFiles, type Settings } from "../../config/index.ts";
import {
  type Authenticator,
  developmentAuthenticator,
  oidcAuthenticator,
  openAuthenticator,
} from "../../control-plane/index.ts";
import { openHttp } from "../../http/index.ts";
import { systemClock, UsageError } from "../../model/index.ts";

/** Who may call, as the settings say (02 §1.2). */
export function chooseAuthenticator(all: Settings): Authenticator {
  const { embeddedAuth: settings } = all;
  const { account: accountId } = settings;
  switch (settings.mode) {
    case "none":
      return openAuthenticator(accountId);
    case "dev":
      return developmentAuthenticator({ accountId, accountHeader: settings.devAccountHeader });
    case "oidc": {
      if (settings.issuer === undefined) {
        throw new UsageError("--auth oidc needs the issuer of the tokens: set quarkus.oidc.auth-server-url");
      }
      const audience = settings.audience ?? [];
      return oidcAuthenticator({
        issuer: settings.issuer,
        audience: audience.length > 0 ? audience : undefined,
        sessionHeader: settings.sessionHeader,
        authorizationHeader: settings.authorizationHeader,
        accountClaim: settings.accountClaim,
        rolesClaim: settings.roleClaim,
        accounts: settings.validateAccount ? new Set([accountId]) : undefined,
        clock: systemClock,
        http: openHttp(readHttpFiles(all)),
      });
    }
  }
}
