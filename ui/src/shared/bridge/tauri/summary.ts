/** What the page may know of the server: everything but where credentials are drawn from. */
import type { Discovery } from "@/shared/protocol";

export type DiscoverySummary = Pick<Discovery, "product" | "version" | "protocol" | "deployment" | "restUrl" | "limits" | "features" | "engines" | "sample">;
