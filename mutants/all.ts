import { apacheLivy } from './apache-livy.ts';
import { comment } from './comment.ts';
import { endings } from './endings.ts';
import { forPeople } from './for-people.ts';
import { handOver } from './hand-over.ts';
import { markdown } from './markdown.ts';
import type { Mutant } from './mutant.ts';
import { nobodyIn } from './nobody-in.ts';
import { nothingLeft } from './nothing-left.ts';
import { oneSubmit } from './one-submit.ts';
import { outputs } from './outputs.ts';
import { polite } from './polite.ts';
import { reruns } from './reruns.ts';
import { secrets } from './secrets.ts';
import { shownLog } from './shown-log.ts';
import { signIn } from './sign-in.ts';
import { state } from './state.ts';
import { sweep } from './sweep.ts';
import { twins } from './twins.ts';
import { uploads } from './uploads.ts';
import { verdict } from './verdict.ts';
import { wholeLog } from './whole-log.ts';

/** Every mutant, by the section or rule whose sentences it breaks. */
export const allMutants: readonly Mutant[] = [
  ...verdict,
  ...endings,
  ...oneSubmit,
  ...twins,
  ...nothingLeft,
  ...state,
  ...wholeLog,
  ...shownLog,
  ...signIn,
  ...polite,
  ...secrets,
  ...nobodyIn,
  ...markdown,
  ...uploads,
  ...forPeople,
  ...outputs,
  ...reruns,
  ...handOver,
  ...sweep,
  ...apacheLivy,
  ...comment,
];

/** What the design promises and `src/` does not have yet: mutants of it come with it. */
export const notYet: readonly string[] = [
  '8: regional or private-link hosts that the workspace itself names',
  '8: XML with a DOCTYPE is refused, sizes and depth bounded',
];
