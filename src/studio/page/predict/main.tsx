// A page that predicts with the model beside it. It needs nothing else, and sends nothing anywhere.

import { render } from "preact";
import { loadModel } from "../../../classifier/classifier.ts";
import { isolate, keepForOffline } from "../host/offline.ts";
import { drawInColours } from "../style/colours.ts";
import { PredictPage } from "./predict-page.tsx";

drawInColours();
await isolate();
render(
  <PredictPage name={document.title} model={loadModel(new URL("model", document.baseURI).href)} />,
  document.getElementById("app") as HTMLElement,
);
keepForOffline();
