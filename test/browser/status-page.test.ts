import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest";
import { enqueueAndWait, QUICK, startControlPlane, startWorker } from "../leased/loop.ts";
import type { Service } from "../support/processes.ts";
import { DEMO_TABLE, type WorkFolder, workFolder } from "../support/run-cli.ts";
import { startBrowser } from "./browser.ts";
import { CONTRASTS, NAMELESS } from "./in-page.ts";

/** The status page as its readers have it: real processes, a real browser, and nothing that goes elsewhere. */

const BIN = join(import.meta.dirname, "../../bin/floecat-capture.mjs");

let started: Awaited<ReturnType<typeof startBrowser>>;
let folder: WorkFolder;
const services: Service[] = [];
const urls = { controlPlane: "", worker: "" };

async function statusPage(service: Service): Promise<string> {
  services.push(service);
  const { url } = await service.line("status page");
  if (typeof url !== "string") throw new Error("the process tells no address of its status page");
  return url;
}

beforeAll(async () => {
  started = await startBrowser();
  if ("missing" in started) return;
  folder = await workFolder();
  const http = ["--http", "127.0.0.1:0"];
  const data = join(folder.path, "data");
  const controlPlane = await startControlPlane({ generation: "chunked", data, flags: [...QUICK, ...http] });
  urls.controlPlane = await statusPage(controlPlane);
  const worker = startWorker(controlPlane.url, "--allow-local", DEMO_TABLE, ...http);
  urls.worker = await statusPage(worker);
  await worker.line("worker ready");
  expect(await enqueueAndWait(controlPlane.url, DEMO_TABLE, "--files-per-group", "1")).toMatchObject({
    exitCode: 0,
  });
});

afterAll(async () => {
  if ("browser" in started) await started.browser.close();
  for (const service of services.reverse()) await service[Symbol.asyncDispose]();
  if (folder !== undefined) await rm(folder.path, { recursive: true, force: true });
});

interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  /** What went wrong or elsewhere since it was opened. */
  readonly troubles: readonly string[];
}

async function open(url: string, options: Parameters<Browser["newPage"]>[0] = {}): Promise<OpenPage> {
  if ("missing" in started) throw new Error(started.missing);
  const page = await started.browser.newPage(options);
  page.setDefaultTimeout(20_000);
  const troubles: string[] = [];
  page.on("pageerror", (error) => troubles.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") troubles.push(message.text());
  });
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin && !request.url().startsWith("data:")) {
      troubles.push(`asked for ${request.url()}`);
    }
  });
  await page.goto(url);
  return { page, troubles, [Symbol.asyncDispose]: () => page.close() };
}

function needsBrowser(context: TestContext): void {
  if ("missing" in started) context.skip(started.missing);
}

const FILTER = "placed_at >= '2026-03-02 06:00:00' and placed_at < '2026-03-02 07:00:00'";

describe("the status page", () => {
  it("shows what a worker did, and asks for nothing elsewhere", async (context) => {
    needsBrowser(context);
    await using opened = await open(urls.worker);
    const { page } = opened;
    await page.getByText("files captured").waitFor();
    expect(await page.locator(".tiles").textContent()).toContain("files captured3");
    expect(await page.locator("#readiness").textContent()).toBe("ready");
    await page.getByText("As a table").click();
    expect(await page.getByRole("table", { name: "Throughput" }).locator("tbody tr").count()).toBeGreaterThan(
      0,
    );
    // It stays open through an update.
    await page.waitForResponse((response) => response.url().endsWith("/api/status"));
    await page.waitForTimeout(100);
    expect(await page.getByRole("table", { name: "Throughput" }).isVisible()).toBe(true);
    expect(opened.troubles).toEqual([]);
  });

  it("shows which pages a filter skips, in picture, words and table", async (context) => {
    needsBrowser(context);
    await using opened = await open(urls.controlPlane);
    const { page } = opened;
    await page.getByRole("link", { name: "Page index" }).click();
    await page.getByLabel("Filter, as in SQL's WHERE").fill(FILTER);
    await page.getByRole("button", { name: "Show what it skips" }).click();
    await page.getByText("90 % of the pages are skipped").waitFor();
    expect(await page.getByText("1 of 3 files").isVisible()).toBe(true);
    await page.getByLabel(/^File/).selectOption({ label: "orders-2026-03-02.parquet" });
    await page.getByRole("button", { name: "placed_at" }).click();
    const picture = page.getByRole("img", { name: /pages of placed_at.*The filter leaves 1 of them/ });
    await picture.waitFor();
    expect((await page.locator("path.bands-skipped").getAttribute("d"))?.match(/M/g)).toHaveLength(5);
    await page.getByText("Pages as a table").click();
    const rows = page.getByRole("table", { name: "Pages of placed_at" }).locator("tbody tr");
    expect(await rows.filter({ hasText: "skipped" }).count()).toBe(5);
    expect(await rows.filter({ hasText: "left" }).textContent()).toContain("2026-03-02 0");
    expect(opened.troubles).toEqual([]);
    expect(new URL(page.url()).hash).toContain("filter=");
  });

  it("is used by keyboard alone: the slider goes from page to page and says each", async (context) => {
    needsBrowser(context);
    await using opened = await open(`${urls.controlPlane}/#index`);
    const { page } = opened;
    const slider = page.getByRole("slider");
    await slider.waitFor();
    await slider.focus();
    await page.keyboard.press("ArrowRight");
    expect(await slider.getAttribute("aria-valuetext")).toMatch(
      /^Page 1 of row group 0, rows 1,024 to 2,047/,
    );
    expect(await page.locator("output").textContent()).toMatch(/^Page 1 of row group 0/);
    await page.keyboard.press("End");
    expect(await page.locator("output").textContent()).toMatch(/rows .* to 5,999/);
  });

  it("has a name for everything that can be operated, and keeps the focus when a column is chosen", async (context) => {
    needsBrowser(context);
    await using opened = await open(`${urls.controlPlane}/#index`);
    const { page } = opened;
    await page.getByRole("button", { name: "shop", exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("img", { name: /pages of shop/ }).waitFor();
    expect(await page.evaluate<string>("document.activeElement.textContent")).toBe("shop");
    const nameless = await page.evaluate<string[]>(NAMELESS);
    expect(nameless).toEqual([]);
  });

  it("says what is wrong with a filter, and takes a name as text whatever it holds", async (context) => {
    needsBrowser(context);
    const attack = "x = '<img src=x onerror=alert(1)>' AND";
    await using opened = await open(`${urls.controlPlane}/#index?filter=${encodeURIComponent(attack)}`);
    const { page } = opened;
    await page.getByText(/predicate, character \d+: found the end/).waitFor();
    expect(await page.locator("img").count()).toBe(0);
  });

  it.for([
    ["light", 1280],
    ["light", 400],
    ["dark", 1280],
    ["dark", 400],
  ] as const)(
    "fits in %s at %i pixels without scrolling sideways, with text that stands out",
    async ([colorScheme, width], context) => {
      needsBrowser(context);
      for (const url of [urls.worker, `${urls.controlPlane}/#index`]) {
        await using opened = await open(url, { colorScheme, viewport: { width, height: 800 } });
        const { page } = opened;
        await page.locator("section h2").first().waitFor();
        expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(
          width,
        );
        const contrasts = await page.evaluate<number[]>(CONTRASTS);
        // WCAG 2.2, 1.4.3.
        expect(Math.min(...contrasts)).toBeGreaterThanOrEqual(4.5);
      }
    },
  );

  it("asks its reader for the token, shows what a worker waits for, and says when the worker is gone", async (context) => {
    needsBrowser(context);
    const token = ["--set", "floecat.capture.status-page.token=t0ken"];
    await using worker = startWorker("http://127.0.0.1:9", "--http", "127.0.0.1:0", ...token);
    const { url } = await worker.line("status page");
    const httpCredentials = { username: "anybody", password: "t0ken" };
    await using opened = await open(String(url), { httpCredentials });
    await opened.page.getByText("the control plane has not answered yet").waitFor();
    await opened.page.getByText("No job is in flight.").waitFor();
    worker.kill("SIGKILL");
    await opened.page.getByText("this process does not answer").waitFor();
  });

  it("view shows a capture's folder", async (context) => {
    needsBrowser(context);
    expect(await folder.run("capture", DEMO_TABLE, "--out", "captured")).toMatchObject({ exitCode: 0 });
    const viewer = spawn(process.execPath, [BIN, "view", "captured", "--port", "0"], { cwd: folder.path });
    const ended = once(viewer, "exit");
    const [address] = await once(createInterface({ input: viewer.stdout }), "line");
    await using opened = await open(`${address}/#index?filter=${encodeURIComponent(FILTER)}`);
    await opened.page.getByText("90 % of the pages are skipped").waitFor();
    expect(opened.troubles).toEqual([]);
    viewer.kill("SIGINT");
    expect(await ended).toEqual([0, null]);
  });
});
