/** A small book as a PDF: each page a heading and paragraphs of plain text, one of them with a figure, and an outline. */
import { writeFileSync } from "node:fs";

/** `pages` are `{ heading, text, figure? }`; the figure is drawn with its caption below the text. */
export function book(file, title, pages) {
  const objects = [];
  const add = (body) => objects.push(body);
  const first = 5 + pages.length;
  add("<< /Type /Catalog /Pages 2 0 R /Outlines 4 0 R /PageMode /UseOutlines >>");
  add(`<< /Type /Pages /Count ${pages.length} /Kids [${pages.map((_, at) => `${first + at * 2} 0 R`).join(" ")}] /MediaBox [0 0 420 595] /Resources << /Font << /F1 3 0 R >> >> >>`);
  add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
  add(`<< /Type /Outlines /First 5 0 R /Last ${4 + pages.length} 0 R /Count ${pages.length} >>`);
  pages.forEach(({ heading }, at) => {
    const beside = [at > 0 && `/Prev ${4 + at} 0 R`, at < pages.length - 1 && `/Next ${6 + at} 0 R`].filter(Boolean).join(" ");
    add(`<< /Title (${escaped(heading)}) /Parent 4 0 R ${beside} /Dest [${first + at * 2} 0 R /Fit] >>`);
  });
  pages.forEach((page, at) => {
    const content = drawn(page);
    add(`<< /Type /Page /Parent 2 0 R /Contents ${first + at * 2 + 1} 0 R >>`);
    add(`<< /Length ${content.length} >>\nstream\n${content}\nendstream`);
  });
  const info = objects.length + 1;
  add(`<< /Title (${escaped(title)}) >>`);
  let out = "%PDF-1.4\n";
  const places = objects.map((body, at) => {
    const place = out.length;
    out += `${at + 1} 0 obj\n${body}\nendobj\n`;
    return place;
  });
  const table = out.length;
  out += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${places.map((place) => `${String(place).padStart(10, "0")} 00000 n \n`).join("")}`;
  out += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Info ${info} 0 R >>\nstartxref\n${table}\n%%EOF\n`;
  writeFileSync(file, out, "latin1");
}

/** A book of two pages that ends before the second. */
export function cut(file, text) {
  const content = `BT /F1 11 Tf 40 400 Td (${escaped(text)}) Tj ET`;
  const bodies = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Count 2 /Kids [3 0 R 5 0 R] /MediaBox [0 0 420 595] /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
    "<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>",
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
  ];
  writeFileSync(file, `%PDF-1.4\n${bodies.map((body, at) => `${at + 1} 0 obj\n${body}\nendobj\n`).join("")}`, "latin1");
}

const LINE = 62;

function drawn({ heading, text, figure }) {
  const said = [`BT /F1 18 Tf 40 530 Td (${escaped(heading)}) Tj ET`];
  let y = 495;
  for (const paragraph of text) {
    for (const line of lines(paragraph)) {
      said.push(`BT /F1 11 Tf 40 ${y} Td (${escaped(line)}) Tj ET`);
      y -= 15;
    }
    y -= 12;
  }
  if (figure) {
    for (let bar = 0; bar < 12; bar++) said.push(`0.2 0.4 0.7 rg ${80 + bar * 20} ${y - 140} 14 ${30 + bar * 8} re f`);
    said.push(`0 g BT /F1 10 Tf 80 ${y - 160} Td (${escaped(figure)}) Tj ET`);
  }
  return said.join("\n");
}

function lines(text) {
  const found = [""];
  for (const word of text.split(" ")) {
    if (found.at(-1).length + word.length >= LINE) found.push("");
    found[found.length - 1] += `${found.at(-1) ? " " : ""}${word}`;
  }
  return found;
}

const escaped = (text) => text.replace(/[\\()]/g, "\\$&");
