import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import { enumOf, messageOf, type ServerDescriptors } from "./descriptors.ts";
import type { Vocabulary } from "./field-check.ts";

const ROOT = "ai.floedb.floecat.";

/** `ai.floedb.floecat.catalog.Ndv` is `Ndv` of the package `ai.floedb.floecat.catalog`. */
function split(fullName: string): { packageName: string; name: string } {
  const [first = "", ...rest] = fullName.slice(ROOT.length).split(".");
  return { packageName: ROOT + first, name: rest.join(".") };
}

/** What a server declares in a file and below it. */
export function serverVocabulary(descriptors: ServerDescriptors, start: FileDescriptorProto): Vocabulary {
  return {
    message(fullName) {
      const { packageName, name } = split(fullName);
      return descriptors.messageBelow(start, packageName, name);
    },
    enumeration(fullName) {
      const { packageName, name } = split(fullName);
      return descriptors.enumBelow(start, packageName, name);
    },
  };
}

/** What a list of files declares. */
export function filesVocabulary(files: readonly FileDescriptorProto[]): Vocabulary {
  function first<T>(fullName: string, find: (file: FileDescriptorProto, name: string) => T | undefined) {
    const { packageName, name } = split(fullName);
    for (const file of files) {
      const found = file.package === packageName ? find(file, name) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return {
    message: async (fullName) => first(fullName, messageOf),
    enumeration: async (fullName) => first(fullName, enumOf),
  };
}
