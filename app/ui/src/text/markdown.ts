/**
 * The small, safe subset of Markdown that a message may use, as a tree.
 *
 * Known: bold, italic, strike, code, code blocks, quotes, lists, addresses (http, https, mailto) and mentions.
 * There is no HTML and no link whose text differs from its target: what is read is where one goes. Every input gives
 * a tree, in time that grows with its length alone, and no deeper than one level a marker.
 */

/** A piece of a line. */
export type Inline =
  | { type: "text"; text: string }
  | { type: "bold" | "italic" | "strike"; children: Inline[] }
  | { type: "code"; text: string }
  | { type: "link"; href: string; text: string }
  | { type: "mention"; text: string; username: string; id: string };

/** Somebody who can be mentioned: `@username` in the text, `@name` on the screen. */
export interface Mentionable {
  id: string;
  username: string;
  name: string;
}

/** Those whom a text may mention, by user name. */
export type Mentionables = ReadonlyMap<string, Mentionable>;

const NOBODY: Mentionables = new Map();

/** An entry of a list. */
export interface ListItem {
  /** The number that the writer gave it; absent in a list of points. */
  value?: number;
  children: Inline[];
}

/** A part of a message. Line breaks within one stay in its text. */
export type Block =
  | { type: "paragraph"; children: Inline[] }
  | { type: "quote"; children: Inline[] }
  | { type: "code"; text: string; language: string }
  | { type: "list"; ordered: boolean; items: ListItem[] };

const FENCE = /^ {0,3}```([\w+#.-]{0,20})[ \t]*$/;
const FENCE_END = /^ {0,3}```[ \t]*$/;
const QUOTE = /^>(?: |$)/;
const POINT = /^[-*•] +(?=\S)/;
const NUMBER = /^(\d{1,9})[.)] +(?=\S)/;

/** Reads a message. `people` are those whom it mentions. */
export function parse(text: string, people: Mentionables = NOBODY): Block[] {
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  const lastFenceEnd = lines.findLastIndex((line) => FENCE_END.test(line));
  const blocks: Block[] = [];
  let paragraph: string[] = [];
  const flush = (): void => {
    while (paragraph.length > 0 && paragraph[0]?.trim() === "") paragraph.shift();
    while (paragraph.length > 0 && paragraph.at(-1)?.trim() === "") paragraph.pop();
    if (paragraph.length > 0) blocks.push({ type: "paragraph", children: parseInline(paragraph.join("\n"), people) });
    paragraph = [];
  };
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? "";
    const fence = FENCE.exec(line);
    if (fence && at < lastFenceEnd) {
      flush();
      let end = at + 1;
      while (!FENCE_END.test(lines[end] ?? "")) end += 1;
      blocks.push({ type: "code", text: lines.slice(at + 1, end).join("\n"), language: fence[1] ?? "" });
      at = end + 1;
    } else if (QUOTE.test(line)) {
      flush();
      const quoted: string[] = [];
      while (at < lines.length && QUOTE.test(lines[at] ?? "")) quoted.push((lines[at++] ?? "").replace(QUOTE, ""));
      blocks.push({ type: "quote", children: parseInline(quoted.join("\n"), people) });
    } else if (POINT.test(line) || NUMBER.test(line)) {
      flush();
      const ordered = NUMBER.test(line);
      const mark = ordered ? NUMBER : POINT;
      const items: ListItem[] = [];
      for (; at < lines.length; at += 1) {
        const entry = lines[at] ?? "";
        const found = mark.exec(entry);
        if (!found) break;
        const children = parseInline(entry.slice(found[0].length), people);
        items.push(ordered ? { value: Number(found[1]), children } : { children });
      }
      blocks.push({ type: "list", ordered, items });
    } else {
      paragraph.push(line);
      at += 1;
    }
  }
  flush();
  return blocks;
}

/** The text of a message without its marks, on one line: for previews and announcements. */
export function plain(text: string, people: Mentionables = NOBODY): string {
  const of = (inlines: readonly Inline[]): string =>
    inlines.map((inline) => ("children" in inline ? of(inline.children) : inline.text)).join("");
  return parse(text, people)
    .map((block) => {
      if (block.type === "code") return block.text;
      if (block.type === "list") return block.items.map((item) => of(item.children)).join(" ");
      return of(block.children);
    })
    .join(" ")
    .replace(/\s+/g, " ")
    .trim();
}

type Mark = "**" | "__" | "*" | "_" | "~~";
type Frame = { mark: Mark; children: Inline[] };

const STYLE: Record<Mark, "bold" | "italic" | "strike"> = {
  "**": "bold",
  __: "bold",
  "*": "italic",
  _: "italic",
  "~~": "strike",
};
// Scripts that put no spaces between words: a mark may stand right beside their letters.
const WORD = /[\p{L}\p{N}]/u;
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;

// Everybody's figure holds an escape and two marks, and means none of them.
const SHRUG = "\\_(ツ)_/";

const isWord = (char: string): boolean => WORD.test(char) && !UNSPACED.test(char);
const isSpace = (char: string): boolean => char === "" || /\s/.test(char);

function charBefore(text: string, at: number): string {
  const low = text.charCodeAt(at - 1);
  return low >= 0xdc00 && low <= 0xdfff ? text.slice(at - 2, at) : text.slice(at - 1, at);
}

function charAfter(text: string, at: number): string {
  const point = text.codePointAt(at);
  return point === undefined ? "" : String.fromCodePoint(point);
}

/** The mark that starts here. Of three in a row the one that was opened last closes first. */
function markAt(text: string, at: number, top: Mark | undefined): Mark | null {
  const char = text[at];
  const doubled = text[at + 1] === char;
  if (char === "~") return doubled ? "~~" : null;
  if (char !== "*" && char !== "_") return null;
  const inner = top === char && text[at + 2] === char;
  if (!doubled || inner) return char;
  return char === "*" ? "**" : "__";
}

/**
 * Reads the pieces of a line. One pass: a mark that closes takes what was opened since; one that opens again gives up
 * its older self, so that no mark nests in itself and the tree stays shallow.
 */
export function parseInline(text: string, people: Mentionables = NOBODY): Inline[] {
  const root: Inline[] = [];
  const open: Frame[] = [];
  const ticks = tickRuns(text);
  let pending = "";
  const target = (): Inline[] => open.at(-1)?.children ?? root;
  const flush = (): void => {
    if (pending) push(target(), { type: "text", text: pending });
    pending = "";
  };
  // Turns the open frame at `index` into plain text within the one below it.
  const giveUp = (index: number): void => {
    const [frame] = open.splice(index, 1);
    if (!frame) return;
    const below = open[index - 1]?.children ?? root;
    // What stands above keeps its own children, in order after what is put down here.
    push(below, { type: "text", text: frame.mark });
    for (const child of frame.children) push(below, child);
  };
  let at = 0;
  while (at < text.length) {
    const char = text[at] ?? "";
    if (char === "\\" && /[*_~`]/.test(text[at + 1] ?? "")) {
      const kept = text.startsWith(SHRUG, at) ? SHRUG : (text[at + 1] ?? "");
      pending += kept;
      at += kept === SHRUG ? SHRUG.length : 2;
      continue;
    }
    if (char === "`") {
      const end = codeEnd(text, at, ticks);
      let run = 1;
      while (text[at + run] === "`") run += 1;
      if (end === null) {
        pending += text.slice(at, at + run);
        at += run;
      } else {
        flush();
        push(target(), { type: "code", text: codeText(text.slice(at + run, end)) });
        at = end + run;
      }
      continue;
    }
    if (char === "@" && !isWord(charBefore(text, at))) {
      const found = mentionAt(text, at, people);
      if (found !== null) {
        flush();
        push(target(), { type: "mention", text: `@${found.name}`, username: found.username, id: found.id });
        at += found.username.length + 1;
        continue;
      }
    }
    if ((char === "h" || char === "H" || char === "m" || char === "M") && !isWord(charBefore(text, at))) {
      const link = linkAt(text, at);
      if (link) {
        if (link.href === null) {
          pending += link.text;
        } else {
          flush();
          push(target(), { type: "link", href: link.href, text: link.text });
        }
        at += link.length;
        continue;
      }
    }
    const mark = markAt(text, at, open.at(-1)?.mark);
    if (!mark) {
      pending += char;
      at += 1;
      continue;
    }
    const before = charBefore(text, at);
    const after = charAfter(text, at + mark.length);
    const opened = open.findLastIndex((frame) => frame.mark === mark);
    if (opened >= 0 && !isSpace(before) && !isWord(after) && !emptyAbove(open, opened, pending)) {
      flush();
      while (open.length > opened + 1) giveUp(open.length - 1);
      const frame = open.pop();
      if (frame) push(target(), { type: STYLE[mark], children: frame.children });
    } else if (!isSpace(after) && !isWord(before)) {
      flush();
      if (opened >= 0) {
        // Those above go too: their place in the text lies behind the mark that is given up.
        while (open.length > opened) giveUp(open.length - 1);
      }
      open.push({ mark, children: [] });
    } else {
      pending += mark;
    }
    at += mark.length;
  }
  flush();
  while (open.length > 0) giveUp(open.length - 1);
  return root;
}

function emptyAbove(open: readonly Frame[], index: number, pending: string): boolean {
  return pending === "" && index === open.length - 1 && open[index]?.children.length === 0;
}

function push(list: Inline[], inline: Inline): void {
  const last = list.at(-1);
  if (inline.type === "text" && last?.type === "text") last.text += inline.text;
  else list.push(inline);
}

/** Where runs of backticks start, by their length. */
function tickRuns(text: string): Map<number, number[]> {
  const runs = new Map<number, number[]>();
  for (let at = text.indexOf("`"); at >= 0;) {
    let end = at;
    while (text[end] === "`") end += 1;
    const list = runs.get(end - at);
    if (list) list.push(at);
    else runs.set(end - at, [at]);
    at = text.indexOf("`", end);
  }
  for (const list of runs.values()) list.reverse();
  return runs;
}

/** Where the code that starts at `at` ends: the next run of as many backticks. Passed runs are dropped. */
function codeEnd(text: string, at: number, runs: Map<number, number[]>): number | null {
  let length = 0;
  while (text[at + length] === "`") length += 1;
  const list = runs.get(length) ?? [];
  while (list.length > 0 && (list.at(-1) ?? 0) <= at) list.pop();
  return list.at(-1) ?? null;
}

function codeText(text: string): string {
  const padded = text.length > 2 && text.startsWith(" ") && text.endsWith(" ") && text.trim() !== "";
  return padded ? text.slice(1, -1) : text;
}

// What a user name is made of (shared/protocol/src/text.rs).
const USERNAME = /[a-z0-9][a-z0-9_.-]{0,31}/iy;

/**
 * Who is mentioned at an `@` (docs/protocol.md): the longest user name that fits and that no letter, digit or `_` goes on
 * from. A `_` that nothing follows is the mark of the words around it; what goes on after another `@` is an address.
 */
function mentionAt(text: string, at: number, people: Mentionables): Mentionable | null {
  if (people.size === 0) return null;
  USERNAME.lastIndex = at + 1;
  const word = USERNAME.exec(text)?.[0].toLowerCase() ?? "";
  const next = charAfter(text, at + 1 + word.length);
  if (next === "@") return null;
  for (let end = word.length; end > 0; end -= 1) {
    const rest = word.slice(end);
    if (rest === "" ? isWord(next) : /^[a-z0-9]|^_.*[a-z0-9]/.test(rest)) continue;
    const found = people.get(word.slice(0, end));
    if (found !== undefined) return found;
  }
  return null;
}

const LINK =
  /(?:https?:\/\/|mailto:)[^\s<>"`\u0000-\u001f\u007f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+/iy;
const LINK_CHARS = 2048;

/**
 * An address that starts here; one without a target stays text as a whole, so that nothing is looked at twice. Marks
 * of the sentence around it do not belong to it.
 */
function linkAt(text: string, at: number): { href: string | null; text: string; length: number } | null {
  LINK.lastIndex = at;
  const found = withoutTail(LINK.exec(text)?.[0] ?? "");
  if (!found) return null;
  const href = found.length > LINK_CHARS ? null : safeHref(found);
  return { href, text: href ? shown(found, href) : found, length: found.length };
}

function withoutTail(link: string): string {
  let end = link.length;
  const count = { "(": 0, ")": 0 };
  for (const char of link) if (char === "(" || char === ")") count[char] += 1;
  for (; end > 0; end -= 1) {
    const last = link[end - 1] ?? "";
    if (last === ")") {
      if (count[")"] <= count["("]) break;
      count[")"] -= 1;
    } else if (!/[.,:;!?'*_~\]}»”’…。、]/.test(last)) break;
  }
  return link.slice(0, end);
}

/** The target of an address, if it is one that may be followed. Names and passwords in it only serve to deceive. */
export function safeHref(link: string): string | null {
  let url: URL;
  try {
    url = new URL(link);
  } catch {
    return null;
  }
  if (url.protocol === "mailto:") return /^mailto:[^\s@]+@[^\s@]+$/i.test(link) ? url.href : null;
  if (url.protocol !== "https:" && url.protocol !== "http:") return null;
  if (!url.hostname || url.username || url.password) return null;
  return url.href;
}

/** What to show of an address: as written, but a host of foreign letters as the browser will resolve it. */
function shown(link: string, href: string): string {
  const url = new URL(href);
  if (url.protocol === "mailto:") return link;
  const host = /^https?:\/\/([^/?#]*)/i.exec(link)?.[1] ?? "";
  return host.toLowerCase() === url.host ? link : `${url.origin}${link.slice(link.indexOf(host) + host.length)}`;
}

const EMOJI =
  /^(?:(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f|\p{RI}\p{RI}|[0-9#*]\ufe0f\u20e3)(?:\p{EMod}|\ufe0f|[\u{e0020}-\u{e007f}]|\u200d(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}))*\s?)+$/u;
const BIG_EMOJI = 3;
const BIG_EMOJI_UNITS = 60;

/** The text is one to three emoji and nothing else, to be drawn large. */
export function isBigEmoji(text: string): boolean {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed.length > BIG_EMOJI_UNITS || !EMOJI.test(trimmed)) return false;
  const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(trimmed.replace(/\s/g, ""));
  return [...graphemes].length <= BIG_EMOJI;
}
