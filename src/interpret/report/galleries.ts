// The sections of a report with photographs: mistakes, successes, and doubtful data.

import { TARGET_KINDS } from "../../data/dataset/targets.ts";
import { verdictInWords } from "../label-verdict.ts";
import type { PredictedImage } from "../picks.ts";
import type { ReportContent } from "./content.ts";
import { type Html, html } from "./html.ts";
import type { ReportPicture } from "./pictures.ts";
import { percentText, viewsOf } from "./sections.ts";

type Pictures = (file: string) => Promise<ReportPicture | undefined>;

/** Number of photographs with the largest losses. */
const LOSSES = 12;
/** Photographs for each class and kind; fewer if there are many classes, so that the page stays small. */
const PER_CLASS = 4;
/** The most photographs in the galleries by class. */
const MOST = 120;
/** Entries in each list of doubtful data. */
const DOUBTS = 12;

/** The largest losses, each class's most correct, incorrect and uncertain images, and some random ones, with their heat maps. */
export async function galleries(content: ReportContent, picture: Pictures): Promise<Html> {
  const view = viewsOf(content);
  const { classes } = content;
  const losses = view.topLosses(LOSSES);
  const intro = html`<h2>Pictures to look at</h2>
<p class="quiet">Left: the network's input. Right: where it looked for its answer (Grad-CAM). Brighter areas contributed more.</p>`;
  if (!TARGET_KINDS[view.kind].exclusive)
    return html`${intro}<h3>Largest losses</h3>${await photos(
      losses.map(({ file, loss }) => ({ file, text: html`loss ${loss.toFixed(2)}` })),
      picture,
    )}`;
  const caption = ({ file, target, predicted, probability, targetProbability }: PredictedImage) => ({
    file,
    text:
      target === predicted
        ? html`<b class="good">${classes[target]}</b> ${percentText(probability)}`
        : html`<b>${classes[target]}</b> ${percentText(targetProbability)}, predicted as <b class="bad">${classes[predicted]}</b> ${percentText(probability)}`,
  });
  const each = Math.max(1, Math.min(PER_CLASS, Math.floor(MOST / (3 * classes.length))));
  const shown = classes.slice(0, Math.floor(MOST / (3 * each)));
  const gallery = async (name: string, picks: readonly PredictedImage[]): Promise<Html | undefined> =>
    picks.length === 0 ? undefined : html`<h3>${name}</h3>${await photos(picks.map(caption), picture)}`;
  const parts = [await gallery("Largest losses", losses as readonly PredictedImage[])];
  for (const name of shown) {
    parts.push(await gallery(`${name}: most certainly wrong`, view.mostIncorrect(name, each)));
    parts.push(await gallery(`${name}: most uncertain`, view.mostUncertain(name, each)));
    parts.push(await gallery(`${name}: most certainly right`, view.mostCorrect(name, each)));
  }
  parts.push(await gallery("Wrong, at random", view.randomIncorrect()), await gallery("Right, at random", view.randomCorrect()));
  const rest = classes.length - shown.length;
  return html`${intro}${parts}${rest > 0 && html`<p class="quiet">${rest} more classes are not shown, to keep the page small.</p>`}`;
}

/** Doubtful labels, and near duplicates. */
export async function problemsSection({ problems }: ReportContent, picture?: Pictures): Promise<Html | undefined> {
  if (!problems) return undefined;
  const likely = problems.labels.filter((label) => label.likely);
  const suspects = (likely.length > 0 ? likely : problems.labels).slice(0, DOUBTS);
  const captions = suspects.map(({ file, given, suggested, score }) => ({
    file,
    text: html`labelled <b>${given}</b>, more likely <b>${suggested}</b>, doubt ${score.toFixed(2)}<br><small>${file}</small>`,
  }));
  const pairs = problems.duplicates.slice(0, DOUBTS).map(({ files, similarity, copy, leak, conflict }) => ({
    files,
    text: html`${copy && "the same picture, "}${conflict ? html`<b>two classes</b>, ` : leak && html`<b>training and validation</b>, `}similarity ${similarity.toFixed(3)}<br><small>${files[0]}<br>${files[1]}</small>`,
  }));
  return html`<h2>Possible problems in the data</h2>
<p>${verdictInWords(problems).join(" ")} ${problems.duplicates.length} ${problems.duplicates.length === 1 ? "pair of photographs is" : "pairs of photographs are"} nearly the same${problems.duplicates.some(({ leak }) => leak) && ", across training and validation too"}.</p>
<h3>Doubtful labels</h3>
${picture ? await photos(captions, picture) : list(captions)}
${pairs.length > 0 && html`<h3>Nearly the same</h3>${picture ? await twins(pairs, picture) : list(pairs)}`}`;
}

/** The files whose pictures the page shows. */
export async function filesShown(content: ReportContent): Promise<ReadonlySet<string>> {
  const files = new Set<string>();
  const note = async (file: string): Promise<undefined> => void files.add(file);
  await galleries(content, note);
  await problemsSection(content, note);
  return files;
}

const list = (captions: readonly { text: Html }[]): Html => html`<ul>${captions.map(({ text }) => html`<li>${text}</li>`)}</ul>`;

/** Photographs as the network saw them, with their heat maps. */
async function photos(captions: readonly { file: string; text: Html }[], picture: Pictures): Promise<Html> {
  const figures: Html[] = [];
  for (const { file, text } of captions) {
    const made = await picture(file);
    figures.push(figure(made && [image(made.photo, file), image(made.heat, "where the network looked")], file, text));
  }
  return html`<div class="photos">${figures}</div>`;
}

/** Pairs of photographs. */
async function twins(pairs: readonly { files: readonly [string, string]; text: Html }[], picture: Pictures): Promise<Html> {
  const figures: Html[] = [];
  for (const { files, text } of pairs) {
    const [one, other] = [await picture(files[0]), await picture(files[1])];
    const images = one && other && [image(one.photo, files[0]), image(other.photo, files[1])];
    figures.push(figure(images, files.join(" or "), text));
  }
  return html`<div class="photos">${figures}</div>`;
}

const image = (address: string, alt: string): Html => html`<img src="${address}" alt="${alt}" width="150" height="150">`;

/** Two pictures with their caption, or a note that `name` has none. */
function figure(images: readonly Html[] | undefined, name: string, text: Html): Html {
  const shown = images ? html`<div class="pair">${images}</div>` : html`<p class="quiet">${name} can no longer be read</p>`;
  return html`<figure>${shown}<figcaption title="${name}">${text}</figcaption></figure>`;
}
