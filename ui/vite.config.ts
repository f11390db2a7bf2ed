/** How the page is built and its units are tested. The page must run under a policy that allows no inline script or style. */
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const host = process.env["SYNAPSCRIBE_SERVER"];

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    target: "es2022",
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // Inlined files would need `data:` in the policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    reportCompressedSize: false,
  },
  // While developing, a host that runs elsewhere on this machine answers everything but the page.
  server: host
    ? { proxy: { "/.well-known": host, "/sample": host } }
    : {},
  test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}", "scripts/*.test.mjs"], setupFiles: ["src/test-setup.ts"], testTimeout: 30_000 },
});
