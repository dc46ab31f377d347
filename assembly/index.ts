export { arenaStart, resultAddress } from "./memory";
export { snappy } from "./snappy";
export { lz4Block } from "./lz4";
export { countInBitPacked, countInHybrid, countOnes } from "./levels";
export { boundsF32, boundsF64, boundsI32, boundsI64 } from "./numbers";
export { allUtf8, isAscii, isUtf8, repairAll, repairUtf8 } from "./utf8";
export { boundsText, compareText } from "./text";
export { boundsDecimal, compareDecimal } from "./decimal";
export { deltaCount, deltaDecode, joinLengths, joinPrefixes, sumLengths } from "./delta";
export { joinStreams } from "./split";
export {
  entriesAddress,
  flushEntries,
  hashBytes,
  hashDigits32,
  hashDigits64,
  hashF32,
  hashF64,
  hashFixed,
  hashI32,
  hashI64,
  hashMarkedText,
  hashOne,
  hashText,
  resetEntries,
  thetaAddress,
} from "./murmur";
export {
  ageMarks,
  checkMarks,
  foldIndices,
  foldMarks,
  gatherMarked,
  keysDecimal,
  keysF32,
  keysF64,
  keysI32,
  keysI64,
  keysText,
  locate,
  markIndices,
  unpackIndices,
} from "./dictionary";
