import { expect, test } from "vitest";
import { Html, html } from "./html.ts";

test("values in a template are escaped, in text and attributes, and HTML is not escaped twice", () => {
  expect(html`<a title="${`"x' onload=`}">${"<b>&"}</a>`.text).toBe('<a title="&#34;x&#39; onload=">&#60;b&#62;&#38;</a>');
  expect(html`<p>${html`<b>${"<"}</b>`}${new Html("<i>")}</p>`.text).toBe("<p><b>&#60;</b><i></p>");
});

test("lists are joined, undefined and false are omitted, and numbers are written", () => {
  expect(html`${[1, undefined, html`<br>`, ["a", false]]}${0}`.text).toBe("1<br>a0");
});
