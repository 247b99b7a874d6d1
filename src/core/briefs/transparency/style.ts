/** Looks of the published report: the console's tokens, in one sheet that needs nothing else. */
export const STYLE = `
:root{color-scheme:light dark;--surface:#fff;--paper:#f6f6f3;--line:#dcdcd6;--line-2:#7f827c;--rule:#17191b;--ink:#17191b;--ink-2:#474b4e;--ink-3:#63676a;--flag:#8a5600;--sans:-apple-system,"Segoe UI",Inter,Roboto,"Helvetica Neue","Hiragino Sans","Hiragino Kaku Gothic ProN","Noto Sans JP","Noto Sans CJK JP","Yu Gothic Medium",Meiryo,sans-serif}
@media(prefers-color-scheme:dark){:root{--surface:#16191a;--paper:#101213;--line:#2b2f31;--line-2:#6f7678;--rule:#8f9597;--ink:#e8e9e5;--ink-2:#b6baba;--ink-3:#8f9597;--flag:#ed9e2f}}
*{box-sizing:border-box}body{margin:0;background:var(--surface);color:var(--ink);font:400 .8125rem/1.5 var(--sans);font-variant-numeric:tabular-nums}
html[lang=ja] body{line-height:1.6}:lang(ja){line-break:strict}
main{max-width:1120px;margin:0 auto;padding:24px}h1,h2,h3,p{margin:0}
h1{font-size:1.375rem;font-weight:620;margin-bottom:8px}h2{font-size:.9375rem;font-weight:620}h3{font-size:.8125rem;font-weight:620;margin-top:10px}
section{margin-top:28px;border-top:1px solid var(--rule);padding-top:8px}
.note{color:var(--ink-2);max-width:76ch;margin-top:4px;overflow-wrap:anywhere}
.banner{margin:12px 0;padding:8px 12px;background:var(--paper);border-left:3px solid var(--flag)}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;margin-top:6px}
th{text-align:left;font-weight:400}thead th{color:var(--ink-3);font-size:.75rem;border-bottom:1px solid var(--line-2)}
th,td{padding:4px 12px 4px 0;vertical-align:top;border-bottom:1px solid var(--line)}td{overflow-wrap:break-word}tbody th{min-width:9em}
@media(max-width:600px){main{padding:16px}}
@media print{:root{color-scheme:light;--surface:#fff;--ink:#000;--ink-2:#222;--ink-3:#444;--line:#bbb;--line-2:#666;--rule:#000;--paper:#fff}main{max-width:none;padding:0}body{font-size:9pt}thead{display:table-header-group}tr{break-inside:avoid}h2,h3{break-after:avoid}.wide{overflow:visible}}
`
