import { describeEngine } from "../../../test/support/engine-contract/index.ts";
import { createFastEngine } from "./engine.ts";

describeEngine("fast engine", () => createFastEngine());
