import chromium from "@sparticuz/chromium";
import { type Browser, chromium as playwright } from "playwright-core";

/** A browser that npm installed. Undefined, with the reason, where it can't start: it needs libraries that not every machine has. */
export async function startBrowser(): Promise<{ readonly browser: Browser } | { readonly missing: string }> {
  try {
    const browser = await playwright.launch({
      executablePath: await chromium.executablePath(),
      // One process for all would end the browser with its first page.
      args: chromium.args.filter((argument) => argument !== "--single-process"),
      headless: true,
      timeout: 30_000,
    });
    return { browser };
  } catch (error) {
    const [reason] = String(error instanceof Error ? error.message : error).split("\n");
    return { missing: `no browser can be started here: ${reason}` };
  }
}
