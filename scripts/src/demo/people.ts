import { type SyntheticPerson, synthetic } from '@unionfold/codes';

/** The people of the story come from the source of the first load, far beyond those it takes: numbers stay unique. */
const firstOfTheStory = 30_000_000;

const source = synthetic(1);

/** A made-up person of the story; the same index is the same person. */
export function storyPerson(index: number): SyntheticPerson {
  return source.person(firstOfTheStory + index);
}
