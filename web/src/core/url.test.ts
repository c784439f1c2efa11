import { expect, it } from "vitest";
import { safeUrl } from "./url";

it.each(["https://example.com/a?b#c", "http://localhost:7400", "/posts/42", " /trimmed ", "HTTPS://EXAMPLE.COM"])(
  "lets %j pass",
  address => expect(safeUrl(address)).toBe(address.trim()),
);

it.each([
  "",
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  "java\nscript:alert(1)",
  " javascript:alert(1)",
  "data:text/html,hello",
  "vbscript:x",
  "//evil.example",
  "/\\evil.example",
  "/\t/evil.example",
  "\\\\evil.example",
  "posts/42",
  "https://",
  "mailto:a@b.example",
])("does not follow %j", address => expect(safeUrl(address)).toBeNull());
