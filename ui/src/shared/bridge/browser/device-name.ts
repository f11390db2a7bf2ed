/** What the list of sign-ins calls a browser, made of what it says of itself. */
import { t } from "@/shared/text";

// Most say that they are others as well: the first that fits is meant.
const BROWSERS: [RegExp, string][] = [
  [/\bEdg/, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\b(?:Firefox|FxiOS)\//, "Firefox"],
  [/(?:Chrome|Chromium|CriOS)\//, "Chrome"],
  [/\bSafari\//, "Safari"],
];
const SYSTEMS: [RegExp, string][] = [
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b/, "macOS"],
  [/\bLinux\b/, "Linux"],
];

/** Nothing where it is none of those known, and the server makes do with what the browser says. */
export function deviceName(agent: string): string | undefined {
  const [browser, system] = [BROWSERS, SYSTEMS].map((all) => all.find(([says]) => says.test(agent))?.[1]);
  return browser && system && t("device.named", { browser, system });
}
