// The fixed parts of a picture's page: how it looks, and how it answers to a pointer and to keys.
#pragma once

#include <string_view>

namespace smalldb::reports {

inline constexpr std::string_view picture_style = R"css(
:root{color-scheme:light dark;--paper:#fcfbf8;--ink:#1c2027;--soft:#667085;--line:#e6e3da;--lane:#f4f2ec;
--write:#2b6cb0;--read:#2f855a;--bad:#c53030;--wait:#b7791f;--other:#c9ccd3;--mark:#d69e2e;--good:#2f855a;
--faint:#abc4da}
@media(prefers-color-scheme:dark){:root{--paper:#14171c;--ink:#e6e8ec;--soft:#98a2b3;--line:#2a2f38;--lane:#1a1e25;
--write:#63a4e6;--read:#5bbd8a;--bad:#fc6d6d;--wait:#e3b341;--other:#474e5b;--mark:#e3b341;--good:#5bbd8a;
--faint:#2f4a64}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:1240px;margin:0 auto;padding:32px 28px 48px}
main>.from:last-of-type{margin-top:22px}
.from{margin:0;color:var(--soft);font-size:13px}
h1{margin:2px 0 6px;font-size:26px;line-height:1.2;letter-spacing:-.01em}
.says{margin:0 0 20px;max-width:78ch;font-size:16px}
figure{margin:0;border:1px solid var(--line);border-radius:10px;overflow-x:auto;background:var(--paper)}
.drawing{display:flex;width:max-content}
.names{position:sticky;left:0;background:var(--paper);border-right:1px solid var(--line)}
svg{display:block;flex:none;font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
svg text{fill:var(--ink)}svg .soft{fill:var(--soft)}
.lane{fill:var(--lane)}.rule{stroke:var(--line)}.tick{stroke:var(--line);stroke-dasharray:1 4}
.mark{fill:var(--mark);opacity:.13}.marked{fill:var(--mark);opacity:.55}
.until{stroke:var(--good);stroke-width:1.5;stroke-dasharray:5 4}svg .untilsays{fill:var(--good)}
.op{outline:none;cursor:default}.op rect{rx:4px}
.write rect{fill:var(--write)}.read rect{fill:var(--read)}
.failed rect{fill:none;stroke:var(--soft);stroke-dasharray:3 2}
.open line{stroke:var(--wait);stroke-width:2;stroke-dasharray:6 4}.open rect{fill:var(--wait)}
.writer rect{fill-opacity:.35;stroke:var(--write)}
.other rect{fill:var(--other)}.other.open line{stroke:var(--other)}
.culprit rect{fill:var(--bad)}svg .culprit text{fill:var(--bad);font-weight:700}
.op:focus rect,.op:hover rect{stroke:var(--ink);stroke-width:2}
.tell{min-height:2.2em;margin:0;padding:9px 14px;border-top:1px solid var(--line);color:var(--soft);font-size:14px;
position:sticky;left:0}
.key{display:flex;flex-wrap:wrap;gap:4px 18px;margin:12px 0 26px;padding:0;list-style:none;color:var(--soft);
font-size:13px}
.key i{display:inline-block;width:20px;height:10px;margin-right:7px;border-radius:3px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:6px 20px;margin:0 0 26px}
dt{color:var(--soft)}dd{margin:0}
table{border-collapse:collapse;width:100%;font-size:14px}
th{text-align:left;font-weight:500;color:var(--soft)}
th,td{padding:6px 14px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}
td.n{font-variant-numeric:tabular-nums}tr.culprit td{color:var(--bad);font-weight:600}
code{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
)css";

inline constexpr std::string_view picture_script = R"js(
(()=>{const tell=document.getElementById('tell'),idle=tell.textContent,ops=[...document.querySelectorAll('.op')];
ops.sort((a,b)=>a.dataset.n-b.dataset.n);
const say=op=>tell.textContent=op?op.querySelector('title').textContent:idle;
ops.forEach((op,n)=>{op.addEventListener('pointerenter',()=>say(op));
op.addEventListener('pointerleave',()=>say(ops.includes(document.activeElement)?document.activeElement:null));
op.addEventListener('focus',()=>say(op));op.addEventListener('blur',()=>say(null));
op.addEventListener('keydown',e=>{const step={ArrowRight:1,ArrowLeft:-1}[e.key];
if(step&&ops[n+step]){e.preventDefault();ops[n+step].focus()}})});
const box=document.querySelector('figure'),bad=document.querySelector('.op.culprit rect'),at=bad?.getBBox();
if(at&&at.x+at.width>box.clientWidth)box.scrollLeft=at.x-box.clientWidth*.7})();
)js";

}  // namespace smalldb::reports
