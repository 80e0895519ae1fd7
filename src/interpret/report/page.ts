// The report as one self-contained HTML file: no scripts and no network (its content security policy forbids both).

import { loadCharts } from "../../chart/chart.ts";
import { VERSION } from "../../core/version.ts";
import type { ReportContent } from "./content.ts";
import { galleries, problemsSection } from "./galleries.ts";
import { html } from "./html.ts";
import type { ReportPicture } from "./pictures.ts";
import { confusionSection, curvesSection, finderSection, reportByClass, settingsSection, stagesSection, summaryCards } from "./sections.ts";
import { STYLE } from "./style.ts";

/** The page. `picture` returns the picture of a predicted file; without it the page has no photographs. */
export async function renderReport(
  content: ReportContent,
  picture?: (file: string) => Promise<ReportPicture | undefined>,
): Promise<string> {
  await loadCharts();
  const { title, classes, train, valid } = content;
  const sections = [
    { id: "stages", name: "Stages", body: stagesSection(content) },
    { id: "curves", name: "Curves", body: curvesSection(content) },
    { id: "finder", name: "Learning rates", body: finderSection(content) },
    { id: "classes", name: "Classes", body: reportByClass(content) },
    { id: "confusion", name: "Confusion", body: confusionSection(content) },
    { id: "pictures", name: "Pictures", body: picture && (await galleries(content, picture)) },
    { id: "data", name: "Data", body: await problemsSection(content, picture) },
    { id: "settings", name: "Settings", body: settingsSection(content) },
  ].filter(({ body }) => body !== undefined);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · thaw</title>
`;
  const body = html`</head>
<body>
<header>
<h1>${title}</h1>
<p class="quiet">${classes.length} ${classes.length === 1 ? "column" : "classes"}, ${train.toLocaleString("en")} training and ${valid.toLocaleString("en")} validation photographs, trained with ${content.model.architecture}.</p>
${summaryCards(content)}
<nav aria-label="Sections">${sections.map(({ id, name }) => html`<a href="#${id}">${name}</a>`)}</nav>
</header>
<main>
${sections.map(({ id, body: inner }) => html`<section id="${id}">${inner}</section>\n`)}
</main>
<footer>Made by thaw ${VERSION}. This page is self-contained and loads no other files.</footer>
</body>
</html>
`;
  return `${page.text}<style>${STYLE}</style>\n${body.text}`;
}
