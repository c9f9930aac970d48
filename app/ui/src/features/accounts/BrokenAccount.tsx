import type { ReactElement } from "react";
import type { Problem } from "../../bridge/generated/Problem";
import { testIds } from "../../testids";
import { text } from "../../text";
import { Empty, EntrancePage } from "../../ui";

/** An account whose data could not be opened. Its words are the cause itself: nothing else helps here. */
export function BrokenAccount({ problem }: { problem: Problem }): ReactElement {
  return (
    <EntrancePage testId={testIds.accountBroken}>
      <Empty icon="alert" alert title={text.accounts.broken.title}>
        {problem.message} {text.accounts.broken.text}
      </Empty>
    </EntrancePage>
  );
}
