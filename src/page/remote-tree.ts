// The page's tree of files as the worker sees it: the page answers what is asked, so that any tree will do, and its files are read where they
// are, without a copy of all.

import type { FileTree } from "../data/files/file-tree.ts";
import { resolveIn } from "../data/files/named-tree.ts";
import type { TreeQuestion } from "./messages.ts";

/** Asks the page a question about a name. */
export type Ask = (question: TreeQuestion, name: string) => Promise<unknown>;

/** The tree that the page calls `path`, which answers the questions `asks`. */
export function remoteTree(path: string, asks: readonly TreeQuestion[], ask: Ask): FileTree {
  const about = (question: TreeQuestion) => (name: string) => ask(question, name) as Promise<never>;
  const tree = Object.fromEntries(asks.map((question) => [question, about(question)])) as unknown as Omit<
    FileTree,
    "path" | "locate" | "resolve"
  >;
  return { ...tree, path, locate: (name) => (name === "" ? path : `${path}/${name}`), resolve: resolveIn };
}

const QUESTIONS: readonly TreeQuestion[] = ["entries", "namesIn", "realPlace", "read", "start", "stat", "readTable"];

/** The questions that `tree` answers. */
export function questionsOf(tree: FileTree): readonly TreeQuestion[] {
  return QUESTIONS.filter((question) => tree[question] !== undefined);
}
