import { expect, test } from "vitest";
import { problemText } from "./problems";

test("a problem whose code says too little keeps its own words", () => {
  for (const code of ["storage", "not_found", "forbidden", "invalid", "a_code_of_a_later_version"]) {
    expect(problemText({ code, message: `The truth about ${code}.` }), code).toBe(`The truth about ${code}.`);
  }
});

test("storage that failed says how, and free space helps only where it is full", () => {
  expect(problemText({ code: "full", message: "x" })).toContain("Free some space");
  expect(problemText({ code: "newer_database", message: "x" })).toContain("newer version of Confab");
  expect(problemText({ code: "in_use", message: "x" })).toContain("Another window");
  for (const code of ["newer_database", "in_use", "old_sqlite", "not_kept", "rescued"]) {
    expect(problemText({ code, message: "x" }), code).not.toContain("Free some space");
  }
});

test("that the relay was not told of a logout does not read as being offline", () => {
  expect(problemText({ code: "logout_owed", message: "x" })).toMatch(/logged out here.*as soon as it can be reached/);
  expect(problemText({ code: "logout_untold", message: "x" })).toMatch(/logged out here.*from another one/);
});

test("what the relay says of the time to wait is told", () => {
  expect(problemText({ code: "rate_limited", message: "x", retry_after_ms: 1 })).toContain("in 1 second.");
  expect(problemText({ code: "rate_limited", message: "x", retry_after_ms: 40_000 })).toContain("in 40 seconds.");
  expect(problemText({ code: "rate_limited", message: "x", retry_after_ms: 600_000 })).toContain("in 10 minutes.");
  expect(problemText({ code: "rate_limited", message: "x" })).toContain("Wait a moment");
});
