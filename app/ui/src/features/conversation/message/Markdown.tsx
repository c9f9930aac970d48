import { Fragment, type ReactElement, type ReactNode, useMemo } from "react";
import { type Block, type Inline, parse } from "../../../text/markdown";
import styles from "./Markdown.module.css";

function pieces(inlines: readonly Inline[], mine: ReadonlySet<number>): ReactNode {
  return inlines.map((inline, index) => {
    switch (inline.type) {
      case "text":
        return <Fragment key={index}>{inline.text}</Fragment>;
      case "bold":
        return <strong key={index}>{pieces(inline.children, mine)}</strong>;
      case "italic":
        return <em key={index}>{pieces(inline.children, mine)}</em>;
      case "strike":
        return <s key={index}>{pieces(inline.children, mine)}</s>;
      case "code":
        return (
          <code key={index} className={styles.code} dir="ltr">
            {inline.text}
          </code>
        );
      case "link":
        return (
          <a
            key={index}
            className={styles.link}
            href={inline.href}
            target="_blank"
            rel="noopener noreferrer"
            dir="ltr"
            tabIndex={-1}
          >
            {inline.text}
          </a>
        );
      case "mention":
        return (
          <bdi key={index} className={styles.mention} data-me={mine.has(inline.index) || undefined}>
            {inline.text}
          </bdi>
        );
    }
  });
}

function block(part: Block, mine: ReadonlySet<number>, tail: ReactNode, key: number): ReactElement {
  switch (part.type) {
    case "paragraph":
      return (
        <p key={key} className={styles.paragraph} dir="auto">
          {pieces(part.children, mine)}
          {tail}
        </p>
      );
    case "quote":
      return (
        <blockquote key={key} className={styles.quote} dir="auto">
          {pieces(part.children, mine)}
        </blockquote>
      );
    case "code":
      return (
        <pre key={key} className={styles.block} dir="ltr" tabIndex={-1}>
          <code>{part.text}</code>
        </pre>
      );
    case "list": {
      const items = part.items.map((item, index) => (
        <li key={index} dir="auto" value={item.value}>
          {pieces(item.children, mine)}
        </li>
      ));
      return part.ordered ? (
        <ol key={key} className={styles.list}>
          {items}
        </ol>
      ) : (
        <ul key={key} className={styles.list}>
          {items}
        </ul>
      );
    }
  }
}

interface MarkdownProps {
  text: string;
  /** The display names of the mentioned. */
  names: readonly string[];
  /** Which of them is oneself. */
  mine: number;
  /** What stands at the end of the last line: time and marks. */
  tail: ReactNode;
}

/** A message's text. Everything becomes elements; nothing is ever read as HTML. */
export function Markdown({ text, names, mine, tail }: MarkdownProps): ReactElement {
  const key = names.join("\n");
  const blocks = useMemo(() => parse(text, key === "" ? [] : key.split("\n")), [text, key]);
  const own = useMemo(() => new Set([mine]), [mine]);
  const inLine = blocks.at(-1)?.type === "paragraph";
  return (
    <>
      {blocks.map((part, index) => block(part, own, inLine && index === blocks.length - 1 ? tail : null, index))}
      {!inLine && <div className={styles.tail}>{tail}</div>}
    </>
  );
}
