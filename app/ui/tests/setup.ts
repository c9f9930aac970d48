import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

// Walking up to every ancestor for each element asked by its role is most of the time of a test.
configure({ defaultHidden: true });

afterEach(() => {
  cleanup();
  globalThis.location.hash = "";
  globalThis.localStorage.clear();
});
