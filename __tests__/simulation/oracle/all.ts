import type { Trace } from '../stage.ts';
import { cancelAtOnce, endsInTime } from './leftovers.ts';
import { logIsWhole, shownAsDocumented } from './log.ts';
import { stagesHoldNothing, withinBudget } from './polite.ts';
import { nothingLeft, postEndsIt, postTellsTruth } from './post.ts';
import { nothingSecret } from './secrets.ts';
import { onlyOwn, oneSubmit, twinsAreTold } from './submits.ts';
import type { Check } from './truth.ts';
import { quietIsGreen, tablesAgree, truthIsTold } from './verdict.ts';

const checks: Readonly<Record<string, Check>> = {
  tablesAgree,
  truthIsTold,
  quietIsGreen,
  oneSubmit,
  twinsAreTold,
  onlyOwn,
  nothingLeft,
  postEndsIt,
  postTellsTruth,
  cancelAtOnce,
  endsInTime,
  withinBudget,
  stagesHoldNothing,
  nothingSecret,
  logIsWhole,
  shownAsDocumented,
};

/** A promise that a schedule broke. */
export interface Violation {
  check: string;
  leg: number;
  what: string;
}

/** Every promise, held against every leg of a schedule. */
export function judge(trace: Trace): Violation[] {
  return trace.legs.flatMap((leg) =>
    Object.entries(checks).flatMap(([check, run]) =>
      run(trace, leg).map((what) => ({ check, leg: leg.index, what })),
    ),
  );
}
