/** A name that every file system takes. */
export function fileName(title: string, otherwise: string, ending: string): string {
  const clean = title
    .normalize("NFKD")
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60);
  return `${clean || otherwise}.${ending}`;
}
