/** Looks of the report: the console's tokens, light and dark as the reader's system says. */
export const STYLE = `
:root{color-scheme:light dark;
--paper:light-dark(#f6f6f3,#101213);--surface:light-dark(#ffffff,#16191a);--line:light-dark(#dcdcd6,#2b2f31);
--line-2:light-dark(#7f827c,#6f7678);--rule:light-dark(#17191b,#8f9597);--ink:light-dark(#17191b,#e8e9e5);
--ink-2:light-dark(#474b4e,#b6baba);--ink-3:light-dark(#63676a,#8f9597);--allow:light-dark(#237356,#9fd3bd);
--flag:light-dark(#8a5600,#ed9e2f);--fall:light-dark(#0040b2,#5ba0ff);--refuse:light-dark(#8d1925,#f9707e);
--hatch-line:light-dark(#17191b29,#e8e9e533);
--hatch:repeating-linear-gradient(135deg,transparent 0 3px,var(--hatch-line) 3px 4px);
--sans:-apple-system,"Segoe UI",Inter,Roboto,"Helvetica Neue","Hiragino Sans","Hiragino Kaku Gothic ProN","Noto Sans JP","Noto Sans CJK JP","Yu Gothic Medium",Meiryo,sans-serif;
--mono:ui-monospace,"SF Mono","Cascadia Mono","JetBrains Mono","Roboto Mono",Menlo,Consolas,"Noto Sans Mono CJK JP",monospace;
--lh:1.5;--measure:68ch}
:root:lang(ja){--lh:1.6;--measure:42em}
*,*::before,*::after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0 auto;max-width:1240px;padding:24px;background:var(--surface);color:var(--ink);
font:400 .8125rem/var(--lh) var(--sans);font-variant-numeric:tabular-nums}
:lang(ja){line-break:strict;overflow-wrap:anywhere;text-autospace:normal}
h1,h2:lang(ja){word-break:auto-phrase}
h1,h2,h3,p,table,figure{margin:0}
h1{font-size:1.375rem;line-height:1.3;font-weight:620;text-wrap:balance}
h2{font-size:.9375rem;line-height:1.4;font-weight:620}
h3{font-size:.8125rem;font-weight:620;margin-top:16px}
header p{color:var(--ink-2)}
header .id{font:.75rem/1.5 var(--mono);color:var(--ink-3);overflow-wrap:anywhere}
section{border-top:1px solid var(--rule);padding:10px 0 28px;min-width:0}
header{padding-bottom:20px}
.kind{font-size:1.125rem;font-weight:620;line-height:1.4;margin:12px 0 10px}
.note{color:var(--ink-3);font-size:.75rem;max-width:90ch;margin:2px 0 8px}
.pairs{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));column-gap:32px}
table{border-collapse:collapse;width:100%}
th{text-align:left;font-weight:400}
thead th{font-size:.75rem;color:var(--ink-3);font-weight:500;border-bottom:1px solid var(--line-2);padding:4px 12px 4px 0;vertical-align:bottom}
tbody th,td{border-bottom:1px solid var(--line);padding:5px 12px 5px 0;vertical-align:top}
.r{text-align:right}
th:last-child,td:last-child{padding-right:0}
td b,.v b{font-weight:500}
td small,.v small{display:block;color:var(--ink-3);font-size:.6875rem;line-height:1.4}
.id{font-family:var(--mono);font-size:.75rem}
.key{color:var(--ink-3);font-size:.75rem;white-space:nowrap}
.fr{display:grid;grid-template-columns:minmax(150px,1.3fr) minmax(200px,3fr) 56px 116px 128px;column-gap:16px;align-items:center;border-bottom:1px solid var(--line);min-height:30px}
.fr.hd{color:var(--ink-3);font-size:.75rem;border-bottom-color:var(--line-2);align-items:end;padding-bottom:4px}
.fr .v{text-align:right;line-height:1.3}
.fr .name{overflow-wrap:anywhere}
.fr .name small{color:var(--ink-3);font-size:.6875rem;margin-left:6px}
.fr.few .pl{background:var(--hatch)}
.ov{display:grid;grid-template-columns:minmax(110px,1fr) minmax(200px,3fr) 190px 190px;column-gap:16px;align-items:center;border-bottom:1px solid var(--line);min-height:36px}
.ov.hd{color:var(--ink-3);font-size:.75rem;min-height:0;padding-bottom:4px;border-bottom-color:var(--line-2)}
.ov .v{text-align:right;line-height:1.3}
.bar-row{display:grid;grid-template-columns:minmax(220px,2fr) minmax(160px,2fr) 190px minmax(150px,1fr);column-gap:16px;align-items:center;border-bottom:1px solid var(--line);min-height:38px;padding:3px 0}
.bar-row .v{text-align:right;line-height:1.3}
.bar-row .result{font-weight:620}
.bar-row .result small{display:block;font-weight:400;font-size:.6875rem;line-height:1.4;color:var(--ink-3)}
.bar-row.pass .result{color:var(--allow)}
.bar-row.fail .result{color:var(--refuse)}
.bar-row.inconclusive .result span{background:var(--hatch);padding:1px 4px}
.bar-row.inconclusive .pl{background:var(--hatch)}
svg{display:block}
svg text{font-size:11px;fill:var(--ink-3);font-family:var(--sans)}
.plot,.row{width:100%;overflow:visible}
.field{padding:6px 10px 0 40px}
section>p+table{margin-top:8px}
.fill{width:100%;height:100%;overflow:visible}
svg .axis{stroke:var(--line-2)}
svg .grid{stroke:var(--line)}
svg .left{text-anchor:end}
svg .limit{stroke:var(--refuse);stroke-dasharray:3 3}
svg .limit.ink{stroke:var(--ink-3)}
svg .line{fill:none;stroke:var(--ink);stroke-width:1.5;vector-effect:non-scaling-stroke}
svg .ci{stroke:var(--k,var(--ink));stroke-width:1.5}
svg .dot{fill:var(--k,var(--ink))}
svg .bar{fill:var(--k);opacity:.45}
.pass{--k:var(--allow)}.fail{--k:var(--refuse)}
svg.acted,svg .acted{--k:var(--refuse)}svg .flagged{--k:var(--flag)}
.swatch{display:inline-block;width:10px;height:8px;margin-right:5px}
.swatch.acted{background:var(--refuse)}.swatch.flagged{background:var(--flag)}
.legend{display:flex;gap:4px 16px;flex-wrap:wrap;font-size:.75rem;color:var(--ink-3);margin-bottom:4px}
.group{font-weight:620;padding:12px 0 3px;border-bottom:1px solid var(--line-2)}
@media (width < 760px){
body{padding:16px}
.fr,.ov,.bar-row{grid-template-columns:minmax(0,1fr) auto;row-gap:2px;padding:6px 0}
.fr.hd,.ov.hd{display:none}
.fr .pl,.ov .pl,.bar-row .pl{grid-column:1/-1;order:9}
.fr .n{display:none}
.fr .same{display:none}
.ov .name{grid-column:1/-1}
.ov .v,.bar-row .v{text-align:left}
.bar-row{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}
.bar-row .what{grid-column:1/-1}
.bar-row .result{text-align:right}
}
@media (width < 760px){
table,tbody,tr,tbody th{display:block}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
tbody tr{border-bottom:1px solid var(--line);padding:6px 0}
tbody th{border:0;padding:0 0 2px;font-weight:500}
tbody td{display:grid;grid-template-columns:minmax(0,1fr) auto;column-gap:12px;border:0;padding:1px 0}
tbody td::before{content:attr(data-head);grid-row:1/3;text-align:left;color:var(--ink-3);font-size:.75rem}
}
@media print{body{max-width:none}}
@media (forced-colors:active){svg .dot,svg .bar{forced-color-adjust:none}}
`
