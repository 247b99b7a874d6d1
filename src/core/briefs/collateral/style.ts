/** Style of the printed and stored report: the console's tokens, in one sheet that needs nothing else. */
export const STYLE = `
:root{color-scheme:light dark;--paper:#f6f6f3;--surface:#fff;--line:#dcdcd6;--line-2:#7f827c;--rule:#17191b;--ink:#17191b;--ink-2:#474b4e;--ink-3:#63676a;--allow:#237356;--flag:#8a5600;--fall:#0040b2;--trust:#643775;--refuse:#8d1925;--hatch:repeating-linear-gradient(135deg,transparent 0 3px,rgb(23 25 27/.16) 3px 4px);--sans:-apple-system,"Segoe UI",Inter,Roboto,"Helvetica Neue","Hiragino Sans","Hiragino Kaku Gothic ProN","Noto Sans JP","Noto Sans CJK JP","Yu Gothic Medium",Meiryo,sans-serif;--mono:ui-monospace,"SF Mono","Cascadia Mono",Menlo,Consolas,monospace}
@media(prefers-color-scheme:dark){:root{--paper:#101213;--surface:#16191a;--line:#2b2f31;--line-2:#6f7678;--rule:#8f9597;--ink:#e8e9e5;--ink-2:#b6baba;--ink-3:#8f9597;--allow:#9fd3bd;--flag:#ed9e2f;--fall:#5ba0ff;--trust:#c294c0;--refuse:#f9707e;--hatch:repeating-linear-gradient(135deg,transparent 0 3px,rgb(232 233 229/.2) 3px 4px)}}
*{box-sizing:border-box}body{margin:0;background:var(--surface);color:var(--ink);font:400 .8125rem/1.5 var(--sans);font-variant-numeric:tabular-nums}
html[lang=ja] body{line-height:1.6}:lang(ja){line-break:strict;overflow-wrap:anywhere}
main{max-width:1120px;margin:0 auto;padding:24px}h1,h2,h3,p,dl,dd,ul{margin:0;padding:0}ul{list-style:none}
h1{font-size:1.375rem;line-height:1.3;font-weight:620;text-wrap:balance;max-width:34em}h2{font-size:.9375rem;font-weight:620}
h1:lang(ja),h2:lang(ja){word-break:auto-phrase;line-height:1.4}
.lede{color:var(--ink-2);margin-top:8px;max-width:68ch}.sec{margin-top:32px;border-top:1px solid var(--rule);padding-top:8px}
.sec>header{display:flex;flex-wrap:wrap;gap:2px 12px;align-items:baseline;margin-bottom:6px}.note,.dim{color:var(--ink-3)}.note,.sm{font-size:.75rem}.xs{font-size:.6875rem;color:var(--ink-3)}
.bar-note{margin-top:16px;padding:8px 12px;background:var(--paper);border-left:3px solid var(--k);display:flex;flex-wrap:wrap;gap:4px 16px}
.row{display:grid;column-gap:12px;align-items:center;border-bottom:1px solid var(--line);min-height:32px;padding:3px 0}
.row.hd{color:var(--ink-3);font-size:.75rem;min-height:24px;border-color:var(--line-2)}.r{text-align:right}.nw{white-space:nowrap}.mono{font-family:var(--mono);font-size:.94em;overflow-wrap:anywhere}
.mv{grid-template-columns:minmax(150px,1.3fr) 72px 116px minmax(110px,2fr) 72px 116px 116px}
.gt{grid-template-columns:minmax(170px,1.7fr) 68px 80px minmax(110px,1.3fr) minmax(150px,1.4fr) 124px}
.sl{grid-template-columns:minmax(120px,1.5fr) 68px 60px 60px minmax(140px,2.4fr) minmax(150px,1.2fr) 84px}
.gn{grid-template-columns:minmax(130px,1.4fr) 60px minmax(130px,2fr) minmax(150px,1.2fr)}
.rq{grid-template-columns:minmax(220px,2fr) 190px minmax(90px,1fr) minmax(80px,1fr) minmax(80px,1fr)}
.row.inc .pl{background:var(--hatch)}.way{grid-column:1/-1;color:var(--ink-2);font-size:.75rem;max-width:80ch}
.kf{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:0 16px;border-bottom:1px solid var(--line)}.kf>div{padding:8px 0}.kf dt{color:var(--ink-3);font-size:.75rem}.kf b{font-size:1.125rem;font-weight:600}.kf b.txt{font-size:.8125rem}
.plot{display:block;width:100%;overflow:visible}.plot line{vector-effect:non-scaling-stroke}.ax{stroke:var(--ink)}.gr{stroke:var(--line)}.lim{stroke:var(--refuse);stroke-dasharray:3 3}
.ci{stroke:var(--k,var(--ink));stroke-width:1.5}.pt{fill:var(--k,var(--ink))}.open .pt{fill:var(--surface);stroke:var(--ink-3);stroke-width:1.5}.open .ci{stroke:var(--ink-3)}.bar{fill:var(--k);opacity:.28}.plot text{font:11px var(--sans);fill:var(--ink-3)}.plot text.k{fill:var(--ink)}
.k-refuse{--k:var(--refuse)}.k-fall{--k:var(--fall)}.k-allow{--k:var(--allow)}.k-flag{--k:var(--flag)}.k-trust{--k:var(--trust)}.k-ink{--k:var(--ink)}
.act{color:var(--k);white-space:nowrap}.act::before{content:attr(data-m) " "}.res{font-weight:600;color:var(--k);white-space:nowrap}.inc-mark{display:inline-block;width:11px;height:11px;border:1px solid;background:var(--hatch);vertical-align:-1px;margin-right:4px}
.nl li{padding:6px 0;border-bottom:1px solid var(--line);display:flex;gap:8px}
h3{font-size:.8125rem;font-weight:620;padding:10px 0 2px;border-bottom:1px solid var(--line)}
footer{margin-top:32px;color:var(--ink-3);font-size:.75rem}
@media(max-width:900px){main{padding:16px}.row{grid-template-columns:minmax(0,1fr) auto!important;row-gap:2px;padding:7px 0}.row.hd{display:none}.row .pl,.row .wide,.way{grid-column:1/-1}.row .opt{display:none}.r{text-align:left}.row>.r:nth-child(2){text-align:right}.gt .res{grid-column:2;grid-row:1}}
@media print{main{max-width:none;padding:0}.sec{break-inside:avoid-page}body{font-size:10pt}}
`
