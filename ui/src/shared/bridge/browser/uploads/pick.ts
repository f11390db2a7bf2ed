/** The browser's dialog for files or a folder. */
import { DOCUMENTS } from "./sniff";

export function pickFiles(what: "files" | "folder"): Promise<File[]> {
  return new Promise((resolve) => {
    const input = document.createElement("input");
    input.type = "file";
    input.multiple = true;
    if (what === "folder") input.webkitdirectory = true;
    else input.accept = ["audio/*,video/mp4,video/webm,.mp3,.wav,.m4a,.mp4,.ogg,.opus,.flac,.webm,.srt,.vtt", ...DOCUMENTS.map((name) => `.${name}`)].join();
    input.addEventListener("change", () => resolve([...(input.files ?? [])]));
    input.addEventListener("cancel", () => resolve([]));
    input.click();
  });
}
