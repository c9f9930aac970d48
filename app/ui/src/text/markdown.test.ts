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
  const names: [string, string][] = [
    ["ann", "Ann Lee"],
    ["anna", "Anna"],
    ["x_y_z", "X"],
    ["bo.", "Bo"],
  ];
  const people = new Map(names.map(([username, name]) => [username, { id: `id of ${username}`, username, name }]));
  const mention = (username: string) => ({
    type: "mention" as const,
    text: `@${people.get(username)?.name}`,
    username,
    id: `id of ${username}`,
  });

  it("stand in the text by user name and on the screen by display name", () => {
    expect(parseInline("hi @ann, @anna and @Ann", people)).toEqual([
      text("hi "),
      mention("ann"),
      text(", "),
      mention("anna"),
      text(" and "),
      mention("ann"),
    ]);
    expect(plain("**@ann** called", people)).toBe("@Ann Lee called");
  });

  it.each(["@annabel", "@ann_b", "@ann2", "@annä", "x@ann", "me@ann.example", "@ann@chat.example", "@nobody"])(
    "is none: %s",
    (input) => {
      expect(parseInline(input, people)).toEqual([text(input)]);
    },
  );

  it("ends before the marks of the sentence, unless the name has them", () => {
    expect(parseInline("_@ann_ (@ann). @ann's @ann...", people).filter((inline) => inline.type === "mention")).toHaveLength(3);
    expect(parseInline("_@ann_", people)).toEqual([{ type: "italic", children: [mention("ann")] }]);
    expect(parseInline("@ann-marie, @ann.b", people)).toEqual([mention("ann"), text("-marie, "), mention("ann"), text(".b")]);
    expect(parseInline("@bo. Yes", people)).toEqual([mention("bo."), text(" Yes")]);
    expect(parseInline("@x_y_z", people)).toEqual([mention("x_y_z")]);
    expect(parseInline("你好@ann", people)).toEqual([text("你好"), mention("ann")]);
  });

  it("is not found in code or in an address", () => {
    expect(parseInline("`@ann`", people)).toEqual([{ type: "code", text: "@ann" }]);
    expect(parse("```\n@ann\n```", people)).toEqual([{ type: "code", text: "@ann", language: "" }]);
    expect(parseInline("https://a.example/@ann", people)).toMatchObject([{ type: "link" }]);
    expect(parseInline("mailto:x@ann.example", people)).toMatchObject([{ type: "link" }]);
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
    "@a.-_",
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
    for (const block of parse(input, new Map([["a", { id: "1", username: "a", name: "A" }]]))) {
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
