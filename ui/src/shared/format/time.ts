/** Times and sizes as people read them. */
import { language, region } from "@/shared/text";

/** `1:02:03`, or `2:03` below an hour. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** `1 hr 12 min`, for reading aloud and for lists. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const parts: [number, string][] =
    whole < 60 ? [[whole, "second"]] : whole < 3600 ? [[Math.round(whole / 60), "minute"]] : [[Math.floor(whole / 3600), "hour"], [Math.round((whole % 3600) / 60), "minute"]];
  return parts
    .filter(([n], index) => n > 0 || index === 0)
    .map(([n, unit]) => new Intl.NumberFormat(language(), { style: "unit", unit, unitDisplay: "short" }).format(n))
    .join(" ");
}

export function size(bytes: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
  let [value, at] = [bytes, 0];
  while (value >= 1000 && at < units.length - 1) [value, at] = [value / 1000, at + 1];
  const digits = at > 1 && value < 10 ? 1 : 0;
  return new Intl.NumberFormat(language(), { style: "unit", unit: units[at], unitDisplay: at === 0 ? "long" : "short", maximumFractionDigits: digits }).format(value);
}

/** `today, 14:05`, `yesterday`, `12 Nov`, `12 Nov 2024`. */
export function day(millis: number, now = Date.now()): string {
  const date = new Date(millis);
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  const days = Math.round((new Date(millis).setHours(0, 0, 0, 0) - midnight) / 86_400_000);
  const relative = (n: number) => new Intl.RelativeTimeFormat(language(), { numeric: "auto" }).format(n, "day");
  if (days === 0) return `${relative(0)}, ${new Intl.DateTimeFormat(region(), { hour: "numeric", minute: "2-digit" }).format(date)}`;
  if (days > -7 && days < 0) return relative(days);
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat(region(), { day: "numeric", month: "short", ...(sameYear ? {} : { year: "numeric" }) }).format(date);
}

export function percent(share: number): string {
  return new Intl.NumberFormat(language(), { style: "percent", maximumFractionDigits: 0 }).format(share);
}

export function number(value: number): string {
  return new Intl.NumberFormat(language()).format(value);
}
