import { describeEngine } from "../../../test/support/engine-contract/index.ts";
import { createReferenceEngine } from "./engine.ts";

describeEngine("reference engine", createReferenceEngine);
