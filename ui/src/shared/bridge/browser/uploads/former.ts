/** Readings of one file: the former gives way once all that a person gave it is passed on to the one that was read better. */
import { Failure, code, toFailure } from "@/shared/failure";
import type { DocumentDto } from "@/shared/protocol";
import type { Documents } from "../../bridge";
import type { Classes } from "../../classes";
import { givesWay } from "./collect";

/** Looks at the library now that a document is ready, and gives what stays beside it because not all could be passed on, if anything. */
export async function giveWay(id: string, library: DocumentDto[], documents: Documents, classes: Classes): Promise<Failure | null> {
  let kept: Failure | null = null;
  for (const { former, by } of givesWay(library, id)) {
    try {
      await takeOver(former, by, documents, classes);
    } catch (error) {
      const { code: why, message, retryable, correlation } = toFailure(error);
      if (why === code.unreachable) throw error;
      kept = new Failure(why, `“${former.title.trim()}” as it was read before stays beside it, since not all could be passed on: ${message}`, retryable, correlation);
    }
  }
  return kept;
}

/** What one may not do comes first, so that little is half done. */
async function takeOver(former: DocumentDto, by: DocumentDto, documents: Documents, classes: Classes): Promise<void> {
  const to = { documentId: by.documentId };
  for (const { classId, sources } of (await classes.list()) ?? []) {
    if (sources === 0) continue;
    const shown = (await classes.get(classId)).shown.map(({ source }) => source.documentId);
    if (shown.includes(former.documentId) && !shown.includes(by.documentId)) await classes.share(classId, to);
  }
  if (former.public && !by.public) await classes.publish(to, true);
  if (former.title !== by.title) await documents.rename(by.documentId, former.title);
  try {
    await documents.remove(former.documentId);
  } catch (error) {
    // Where it is gone already, somebody else has taken it off the shelf.
    if (toFailure(error).code !== code.notFound) throw error;
  }
}
