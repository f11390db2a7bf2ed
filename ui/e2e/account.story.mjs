/** An account on the page: signing up by the outbox, what belongs to it, a second browser that is signed out, a forgotten password, and leaving. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { open, seen } from "./browser.mjs";
import { Host } from "./host.mjs";

const EMAIL = "ada@example.org";
const PASSWORD = "tide pools at noon";
const ANOTHER = "a quiet harbour";
let host;
let first;
let second;

before(async () => {
  host = await Host.start();
  [first, second] = [await open(), await open()];
});

after(async () => {
  await first?.close();
  await second?.close();
  await host?.stop();
});

async function signIn(page, password = PASSWORD) {
  await page.goto(`${host.address}/#/account`);
  await page.getByLabel("E-mail address").fill(EMAIL);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.keyboard.press("Enter");
  await page.getByTestId("account").waitFor();
}

test("a guest signs up by keyboard, confirms the address by the letter, and is signed in", { timeout: 90_000 }, async () => {
  const { page, problems } = first;
  await page.goto(`${host.address}/#/settings`);
  await page.getByRole("link", { name: "Sign in or sign up" }).click();
  await seen(page, "account-guest", ["light", "dark", "contrast"]);
  await page.getByRole("button", { name: "Sign up" }).press("Enter");
  await page.getByLabel("E-mail address").fill(EMAIL);
  await page.getByLabel("New password").fill(PASSWORD);
  await seen(page, "account-sign-up");
  await page.keyboard.press("Enter");
  await page.getByText("is in the outbox of this server").waitFor();
  await page.getByLabel("Code from the letter").fill(await host.code(EMAIL));
  await page.keyboard.press("Enter");
  await page.getByTestId("account").filter({ hasText: EMAIL }).waitFor();
  await page.getByTestId("device").waitFor();
  await page.getByText("rests in this tab").waitFor();
  await seen(page, "account-own");
  // What was there for the guest is there for the account, also after the page was loaded again.
  await page.reload();
  await page.getByTestId("account").waitFor();
  await page.goto(`${host.address}/#/`);
  await page.getByRole("link", { name: "How Neural Networks Learn" }).waitFor();
  assert.deepEqual(problems, []);
});

test("a second browser is signed out from the first, and keeps its screen", { timeout: 90_000 }, async () => {
  await signIn(second.page);
  await second.page.goto(`${host.address}/#/settings`);
  await second.page.getByText(`Signed in as ${EMAIL}`).waitFor();
  const { page } = first;
  await page.goto(`${host.address}/#/account`);
  const other = page.getByTestId("device").filter({ has: page.getByRole("button") });
  await other.waitFor();
  await other.getByRole("button").click();
  await other.waitFor({ state: "detached" });
  // It asks for nothing; the server tells it.
  await second.page.getByTestId("ended").waitFor({ timeout: 60_000 });
  assert.ok(second.page.url().endsWith("#/settings"), "the screen is not lost");
  assert.equal(await second.page.getByText(`Signed in as ${EMAIL}`).count(), 1, "nor is what it says");
  await seen(second.page, "account-ended");
  await second.page.getByTestId("ended").getByLabel("Password", { exact: true }).fill(PASSWORD);
  await second.page.keyboard.press("Enter");
  await second.page.getByTestId("ended").waitFor({ state: "detached" });
});

test("signing out everywhere ends the second browser too, where a forgotten password is set anew", { timeout: 120_000 }, async () => {
  const { page } = first;
  await page.goto(`${host.address}/#/account`);
  await page.getByRole("button", { name: "Sign out everywhere" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Sign out everywhere" }).click();
  await page.getByText("You are a guest").waitFor();
  const ended = second.page.getByTestId("ended");
  await ended.waitFor({ timeout: 60_000 });
  await ended.getByRole("button", { name: "Forgotten password" }).click();
  assert.equal(await ended.getByLabel("E-mail address").inputValue(), EMAIL);
  await ended.getByRole("button", { name: "Send a code" }).click();
  await ended.getByText("is in the outbox of this server").waitFor();
  await seen(second.page, "account-reset");
  await ended.getByLabel("Code from the letter").fill(await host.code(EMAIL, 2));
  await ended.getByLabel("New password").fill(ANOTHER);
  await second.page.keyboard.press("Enter");
  await ended.waitFor({ state: "detached" });
  await second.page.getByText(`Signed in as ${EMAIL}`).waitFor();
  await page.getByLabel("E-mail address").fill(EMAIL);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  await signIn(page, ANOTHER);
});

test("whoever leaves is asked for the password once more, and is a guest again", { timeout: 60_000 }, async () => {
  const { page } = first;
  await page.goto(`${host.address}/#/account`);
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Export" }).click()]);
  assert.equal(file.suggestedFilename(), "synapscribe.json");
  await page.getByRole("button", { name: "Delete the account" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Password").fill("not this one");
  await page.keyboard.press("Enter");
  await dialog.getByRole("alert").waitFor();
  await seen(page, "account-delete");
  await dialog.getByLabel("Password").fill(ANOTHER);
  await page.keyboard.press("Enter");
  await page.getByText("You are a guest").waitFor();
});

test("whoever signs in before the address is confirmed confirms it from there", { timeout: 60_000 }, async () => {
  const { page } = first;
  const late = "late@example.org";
  await page.goto(`${host.address}/#/account`);
  await page.getByRole("button", { name: "Sign up" }).click();
  await page.getByLabel("E-mail address").fill(late);
  await page.getByLabel("New password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByText("is in the outbox of this server").waitFor();
  await page.getByRole("button", { name: "Sign in instead" }).click();
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByRole("alert").filter({ hasText: "not confirmed yet" }).waitFor();
  await seen(page, "account-refused");
  await page.getByRole("button", { name: "Confirm your address" }).click();
  await page.getByLabel("Code from the letter").fill(await host.code(late));
  await page.keyboard.press("Enter");
  await page.getByTestId("account").filter({ hasText: late }).waitFor();
});
