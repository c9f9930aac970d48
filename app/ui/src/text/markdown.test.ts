import { describe, expect, it } from "vitest";
import { type Inline, isBigEmoji, parse, parseInline, plain, safeHref } from "./markdown";

const text = (value: string): Inline => ({ type: "text", text: value });
const bold = (...children: Inline[]): Inline => ({ type: "bold", children });
const italic = (...children: Inline[]): Inline => ({ type: "italic", children });

describe("marks", () => {
  it.each<[string, Inline[]]>([
    ["plain", [text("plain")]],
    ["a **b** c", [text("a "), bold(text("b")), text(" c")]],
    [
      "*a* _b_ ~~c~~",
      [italic(text("a")), text(" "), italic(text("b")), text(" "), { type: "strike", children: [text("c")] }],
    ],
    ["**a *b* c**", [bold(text("a "), italic(text("b")), text(" c"))]],
    ["***both***", [bold(italic(text("both")))]],
    ["snake_case_name and 2*3*4", [text("snake_case_name and 2*3*4")]],
    ["*open", [text("*open")]],
    ["**a *b", [text("**a *b")]],
    ["*foo *bar*", [text("*foo "), italic(text("bar"))]],
    ["**a *b** c*", [bold(text("a *b")), text(" c*")]],
    ["a * b * c", [text("a * b * c")]],
    ["你好**世界**再见", [text("你好"), bold(text("世界")), text("再见")]],
    ["\\*not\\*", [text("*not*")]],
    ["¯\\_(ツ)_/¯", [text("¯\\_(ツ)_/¯")]],
    ["****", [text("****")]],
  ])("%s", (input, expected) => {
    expect(parseInline(input)).toEqual(expected);
  });

  it("leaves everything in code as it is", () => {
    expect(parseInline("`**a** <b>` and ``x ` y``")).toEqual([
      { type: "code", text: "**a** <b>" },
      text(" and "),
      { type: "code", text: "x ` y" },
    ]);
    expect(parseInline("`open")).toEqual([text("`open")]);
  });

  it("never makes HTML", () => {
    expect(parseInline("<img src=x onerror=alert(1)>")).toEqual([text("<img src=x onerror=alert(1)>")]);
  });
});

describe("links", () => {
  it.each([
    ["see https://a.example/b_c?d=1#e.", "https://a.example/b_c?d=1#e", "https://a.example/b_c?d=1#e"],
    [
      "(https://en.example/Rust_(language))",
      "https://en.example/Rust_(language)",
      "https://en.example/Rust_(language)",
    ],
    ["**https://a.example**", "https://a.example", "https://a.example/"],
    ["mailto:bob@a.example", "mailto:bob@a.example", "mailto:bob@a.example"],
  ])("%s", (input, shown, href) => {
    const all = JSON.stringify(parseInline(input));
    expect(all).toContain(JSON.stringify({ type: "link", href, text: shown }));
  });

  it.each([
    "javascript:alert(1)",
    "https://bank.example@evil.example/",
    "http://user:pass@a.example",
    "data:text/html,x",
    "https://",
    "xhttps://a.example",
    "mailto:",
  ])("is none: %s", (input) => {
    expect(JSON.stringify(parseInline(input))).not.toContain('"link"');
  });

  it("shows a look-alike host as the browser resolves it", () => {
    const [link] = parseInline("https://аpple.example/x");
    expect(link).toMatchObject({ type: "link", text: "https://xn--pple-43d.example/x" });
  });

  it("ends before characters that reorder text", () => {
    expect(parseInline("https://a.example/\u202Egpj.exe")[0]).toMatchObject({ text: "https://a.example/" });
  });

  it("does not turn a label into a link", () => {
    expect(parseInline("[bank](https://evil.example)")).toEqual([
      text("[bank]("),
      { type: "link", href: "https://evil.example/", text: "https://evil.example" },
      text(")"),
    ]);
  });

  it("refuses other schemes", () => {
    expect(safeHref("javascript:alert(1)")).toBeNull();
    expect(safeHref("ftp://a.example")).toBeNull();
  });
});

describe("mentions", () => {
  it("takes the longest name, as a whole word", () => {
    const names = ["Ann", "Ann Lee"];
    expect(parseInline("@Ann Lee, @Ann and @Anna", names)).toEqual([
      { type: "mention", text: "@Ann Lee", index: 1 },
      text(", "),
      { type: "mention", text: "@Ann", index: 0 },
      text(" and @Anna"),
    ]);
  });

  it("is not found in an address or in code", () => {
    expect(parseInline("x@Ann", ["Ann"])).toEqual([text("x@Ann")]);
    expect(parseInline("`@Ann`", ["Ann"])).toEqual([{ type: "code", text: "@Ann" }]);
  });

  it("takes names that hold marks", () => {
    expect(parseInline("hi @x_y_z", ["x_y_z"])[1]).toEqual({ type: "mention", text: "@x_y_z", index: 0 });
  });
});

describe("blocks", () => {
  it("reads paragraphs, quotes, code and lists", () => {
    expect(parse('one\ntwo\n> said\n> so\n```rust\nlet a = "**";\n```\n- x\n- y\n3. z')).toEqual([
      { type: "paragraph", children: [text("one\ntwo")] },
      { type: "quote", children: [text("said\nso")] },
      { type: "code", text: 'let a = "**";', language: "rust" },
      { type: "list", ordered: false, items: [{ children: [text("x")] }, { children: [text("y")] }] },
      { type: "list", ordered: true, items: [{ value: 3, children: [text("z")] }] },
    ]);
  });

  it("leaves open fences and faces alone", () => {
    expect(parse("```\nopen")).toEqual([{ type: "paragraph", children: [text("```\nopen")] }]);
    expect(parse(">_<")).toEqual([{ type: "paragraph", children: [text(">_<")] }]);
  });

  it("keeps empty lines within a paragraph", () => {
    expect(parse("\na\n\nb\n")).toEqual([{ type: "paragraph", children: [text("a\n\nb")] }]);
  });

  it("says it plainly for previews", () => {
    expect(plain("**a**\n> b\n- `c` https://d.example")).toBe("a b c https://d.example");
  });
});

describe("hostile input", () => {
  const size = 16 * 1024;
  // Counting the nodes bounds the work: a parser that backtracks would not come to an end here.
  const count = (inlines: readonly Inline[]): number =>
    inlines.reduce((sum, inline) => sum + 1 + ("children" in inline ? count(inline.children) : 0), 0);
  const depth = (inlines: readonly Inline[]): number =>
    inlines.reduce((most, inline) => Math.max(most, "children" in inline ? 1 + depth(inline.children) : 1), 0);
  it.each([
    "*a ",
    "**a *b ",
    "_*",
    "`",
    "``a` ",
    "> ",
    "@",
    "http://",
    "[",
    "\\",
    "~~*_",
    "***a** ",
    "```\n",
    "- a\n",
    "\u202e",
    "*a* ",
  ])("comes through: %j", (piece) => {
    const input = piece.repeat(Math.ceil(size / piece.length));
    for (const block of parse(input, ["a", "ab"])) {
      if (!("children" in block)) continue;
      expect(count(block.children)).toBeLessThanOrEqual(input.length + 1);
      expect(depth(block.children)).toBeLessThanOrEqual(6);
    }
  });

  it("loses no character of what it does not understand", () => {
    const input = "*a _b ~~c `d **e __f @g h://i";
    expect(plain(input)).toBe(input);
  });
});

describe("big emoji", () => {
  it.each(["👍", "❤️", "👨‍👩‍👧‍👦", "🇩🇪🇫🇷", "👍🏽 🎉", "1️⃣"])("%s", (input) => {
    expect(isBigEmoji(input)).toBe(true);
  });
  it.each(["", "a", "1", "👍 ok", "👍👍👍👍", "©", "#"])("not %s", (input) => {
    expect(isBigEmoji(input)).toBe(false);
  });
});
