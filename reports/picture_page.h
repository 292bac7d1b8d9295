// The fixed parts of a picture's page beside what all pages share: how it looks, and how it answers to a pointer and to
// keys.
#pragma once

#include <string_view>

namespace smalldb::reports {

inline constexpr std::string_view picture_style = R"css(
.drawing{display:flex;width:max-content}
.names{position:sticky;left:0;background:var(--paper);border-right:1px solid var(--line)}
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
tr.culprit td{color:var(--bad);font-weight:600}
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
