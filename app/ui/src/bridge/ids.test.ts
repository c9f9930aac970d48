import { expect, test } from "vitest";
import { uuidv7 } from "./ids";

test("an id is a UUIDv7 of its moment and never comes twice", () => {
  const at = Date.UTC(2026, 10, 24, 3, 4, 5);
  const id = uuidv7(at);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Number.parseInt(id.replace("-", "").slice(0, 12), 16)).toBe(at);
  expect(new Set(Array.from({ length: 1000 }, () => uuidv7(at))).size).toBe(1000);
});
