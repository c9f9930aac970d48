import { describe, test } from "vitest";
import { contract } from "../contract";
import { createFake } from "./fake";

describe("the fake bridge keeps to the contract", () => {
  const subject = { bridge: createFake({ phase: "signed_out", empty: true }), username: "someone" };
  for (const rule of contract) test(rule.name, () => rule.check(subject));
});
