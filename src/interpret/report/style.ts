// The report's styles: light or dark by the reader's system, for narrow and wide screens and for print, in the charts' colours.

import { paletteVariables } from "../../chart/palette.ts";

export const STYLE = `
:root{color-scheme:light dark;${paletteVariables("light")};--card:#f6f8fa;--edge:#0003;--good:#00795a;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{${paletteVariables("dark")};--card:#1c2228;--edge:#fff3;--good:#3fc59b;--bad:#ff8a80}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main,header,footer{max-width:1280px;margin:0 auto;padding:0 20px}
header{padding-top:40px}
h1{font-size:clamp(26px,5vw,38px);line-height:1.15;margin:0 0 6px;letter-spacing:-.02em;overflow-wrap:anywhere}
h2{font-size:23px;margin:52px 0 6px;letter-spacing:-.01em}
h3{font-size:16px;margin:26px 0 8px;overflow-wrap:anywhere}
p{margin:6px 0 14px;max-width:70ch}
.quiet,small,figcaption,thead th{color:var(--quiet)}
nav{display:flex;flex-wrap:wrap;gap:4px 18px;margin:22px 0 0;padding:10px 0;border-block:1px solid var(--faint);font-size:14px}
a{color:var(--series-1)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(158px,1fr));gap:12px;margin:22px 0 0;padding:0;list-style:none}
.cards li{background:var(--card);border-radius:12px;padding:14px 16px}
.cards b{display:block;font-size:25px;white-space:nowrap;line-height:1.2;font-weight:650;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.cards span{font-size:13px;color:var(--quiet)}
.scroll{overflow-x:auto;margin:12px 0;background:linear-gradient(90deg,var(--ground) 40%,transparent) 0 0/40px 100% local no-repeat,linear-gradient(270deg,var(--ground) 40%,transparent) 100% 0/40px 100% local no-repeat,linear-gradient(90deg,var(--edge),transparent) 0 0/14px 100% no-repeat,linear-gradient(270deg,var(--edge),transparent) 100% 0/14px 100% no-repeat}
.beside{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,500px),1fr));gap:8px 48px;align-items:start}
.beside>div{min-width:0}
.terms{display:grid;grid-template-columns:max-content 1fr;gap:5px 16px;margin:12px 0;font-size:14px;line-height:1.45}
.terms dt{font-weight:600}.terms dd{margin:0;color:var(--quiet)}
table{border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums;width:100%}
caption{text-align:left;color:var(--quiet);padding:0 0 6px;font-size:13px}
th,td{padding:6px 18px 6px 0;border-bottom:1px solid var(--faint);text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{font-weight:550;font-size:13px}thead th{overflow-wrap:normal}th[scope=row]{color:var(--text);min-width:8em}
td.n,th.n{text-align:right;white-space:nowrap}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.bar{display:inline-block;height:9px;border-radius:5px;background:var(--series-1);min-width:2px;vertical-align:middle}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,335px),1fr));gap:24px;align-items:start}
figure{margin:0}
.charts figcaption{max-width:60ch}
.charts svg{width:100%;height:auto;max-width:460px;display:block}
.matrix svg{display:block}
.photos{display:grid;grid-template-columns:repeat(auto-fill,minmax(220px,1fr));gap:14px 12px;margin:10px 0 4px}
.photos img{width:100%;height:auto;aspect-ratio:1;object-fit:cover;border-radius:8px;display:block;background:var(--card)}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:3px}
figcaption{font-size:12.5px;line-height:1.4;margin-top:5px;overflow-wrap:anywhere}
li{overflow-wrap:anywhere}
figcaption b{color:var(--text);font-weight:600}
.good{color:var(--good)}.bad{color:var(--bad)}
details{margin:10px 0}summary{cursor:pointer;color:var(--series-1)}
pre{background:var(--card);border-radius:10px;padding:14px 16px;overflow-x:auto;font:13px/1.5 ui-monospace,"DejaVu Sans Mono",monospace;white-space:pre-wrap;overflow-wrap:anywhere}
footer{padding:44px 20px 40px;font-size:13px;color:var(--quiet)}
@media (max-width:560px){.terms{grid-template-columns:1fr;gap:0}.terms dd{margin-bottom:7px}
table,tbody,tr,td,th[scope=row],caption{display:block}thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
tr{display:flex;flex-wrap:wrap;gap:0 16px;padding:7px 0;border-bottom:1px solid var(--faint)}
th[scope=row]{flex:1 0 100%;font-size:14px}td,th[scope=row]{padding:0;border:0}td:empty,td.drawing{display:none}
td::before{content:attr(data-name) " ";color:var(--quiet);font-size:13px}}
@media print{.scroll{overflow:visible;background:none}:root{color-scheme:light;${paletteVariables("light")};--card:#f3f5f7;--good:#00795a;--bad:#b3261e}
body{font-size:11pt}nav{display:none}h2{break-after:avoid}figure,tr,.cards li{break-inside:avoid}details::details-content{content-visibility:visible}main,header,footer{max-width:none}}
`;
