/** The suite: directory tasks with a state, a request, a change in between, and an end state (docs/evaluation.md). */
import { deletions } from './deletions.ts';
import { fields } from './fields.ts';
import { groups } from './groups.ts';
import { hostile } from './hostile.ts';
import { overlaps } from './overlaps.ts';
import { past } from './past.ts';
import { policy } from './policy.ts';
import { questions } from './questions.ts';
import { several } from './several.ts';
import type { Task } from './task.ts';
import { unclear } from './unclear.ts';

export const tasks: readonly Task[] = [
  ...fields,
  ...overlaps,
  ...deletions,
  ...groups,
  ...several,
  ...policy,
  ...hostile,
  ...unclear,
  ...past,
  ...questions,
];
