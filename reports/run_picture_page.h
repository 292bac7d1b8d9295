// The fixed parts of the page of a run, beside what all pages share: how it looks, and how it answers to a pointer, to
// keys and to what its reader wants to see.
#pragma once

#include <string_view>

namespace smalldb::reports {

inline constexpr std::string_view run_picture_style = R"css(
:root{--request:#2b6cb0;--answer:#2f855a;--records:#6b46c1;--primary:#2b6cb0;--backup:#38a3a5;--between:#c9b458}
@media(prefers-color-scheme:dark){:root{--request:#63a4e6;--answer:#5bbd8a;--records:#b394f4;--primary:#63a4e6;
--backup:#56c7c9;--between:#d8c56a}}
main{max-width:none}
.says,ul.verdicts,dl,.key,details,table{max-width:1240px}
ul.verdicts{margin:0 0 18px;padding:0;list-style:none}
ul.verdicts b{color:var(--bad)}ul.verdicts b.may{color:var(--wait)}ul.verdicts .good{color:var(--good)}
.wishes{display:flex;flex-wrap:wrap;gap:4px 22px;margin:0 0 10px;color:var(--soft);font-size:14px}
figure{overflow:auto;max-height:88vh;width:max-content;max-width:100%}
.drawing{position:relative;width:max-content}
.heads{position:sticky;top:0;z-index:1;background:var(--paper);border-bottom:1px solid var(--line)}
.heads text{font-weight:700;text-anchor:middle}
figure .tell{bottom:0;background:var(--paper);min-height:3.4em}
svg .time{fill:var(--soft);text-anchor:end;font-size:11px}
.axis{stroke:var(--line)}.down{stroke:var(--soft);stroke-dasharray:1 5}
.role rect{fill:var(--other)}.role.primary rect,.role.alone rect{fill:var(--primary)}
.role.backup rect{fill:var(--backup)}
.role.joining rect,.role.seeking rect,.role.claiming rect,.role.recovering rect{fill:var(--between)}
.role.damaged rect{fill:var(--bad)}.role.paused rect{fill-opacity:.25}
.role.alone rect{stroke:var(--wait);stroke-width:2}
.role text{font-size:9.5px;fill:var(--paper)}.role.stopped text,.role.none text,.role.paused text{fill:var(--ink)}
.role.backup text,.role.joining text,.role.seeking text,.role.claiming text,.role.recovering text{fill:#14171c}
.band rect{fill:var(--bad);fill-opacity:.07}
#to path{fill:var(--soft);fill:context-stroke}
.m{outline:none}.m line{stroke:var(--soft);stroke-width:1.2;marker-end:url(#to)}
.m text{font-size:10.5px;fill:var(--soft);paint-order:stroke;stroke:var(--paper);stroke-width:3px}
.request line{stroke:var(--request)}.answer line{stroke:var(--answer)}.records line{stroke:var(--records)}
.m.lost line,.m.under_way line{stroke-dasharray:4 3;marker-end:none}
.m.lost line,.m.lost path{stroke:var(--bad)}.m.lost path{stroke-width:1.6}
.heartbeat{display:none}.all .heartbeat{display:block}.heartbeat line{stroke:var(--other)}
.asking rect{fill:var(--answer);fill-opacity:.55}.asking.none rect,.asking.unknown rect{fill:var(--wait)}
.asking.failed rect{fill:var(--bad)}.asking.refused rect{fill:var(--soft)}
.asking text{font-size:10.5px;paint-order:stroke;stroke:var(--paper);stroke-width:3px}
.disk line{stroke:var(--ink);stroke-width:1.4}.disk.failed line{stroke:var(--bad);stroke-width:3}
.news{font:12.5px system-ui,-apple-system,"Segoe UI",sans-serif}
svg .news.quiet{fill:var(--soft)}svg .news.good{fill:var(--good)}svg .news.fault{fill:var(--wait)}
svg .news.bad,svg .news.violated{fill:var(--bad)}svg .news.violated{font-weight:700}
.violation{stroke:var(--bad);stroke-width:1.5}
.fold rect{fill:var(--lane)}.fold text{fill:var(--soft);font-style:italic}
.past-only .e:not(.past):not(:hover):not(:focus){opacity:.16}
.e:focus line,.e:hover line{stroke-width:2.6}.e:focus rect,.e:hover rect{stroke:var(--ink)}
.drawing .m .wide.wide{stroke:transparent;stroke-width:7;marker-end:none}
details{margin:0 0 22px}summary{cursor:pointer;color:var(--soft)}pre{overflow:auto;font-size:13px;line-height:1.45}
)css";

// Up and down go from one thing that happened to the next; the key that goes from one control to the next leads to
// where one was, at first to the violation. A line is found by who points beside it.
inline constexpr std::string_view run_picture_script = R"js(
(()=>{const tell=document.getElementById('tell'),idle=tell.textContent,box=document.querySelector('figure'),
all=[...document.querySelectorAll('.e')];all.sort((a,b)=>a.dataset.n-b.dataset.n);
let here;const stay=one=>{if(here)here.tabIndex=-1;here=one;if(one)one.tabIndex=0};
const say=one=>tell.textContent=one?one.querySelector('title').textContent:idle;
const seen=one=>one&&getComputedStyle(one).display!=='none';
all.forEach((one,n)=>{one.addEventListener('pointerenter',()=>say(one));
one.addEventListener('pointerleave',()=>say(all.includes(document.activeElement)?document.activeElement:null));
one.addEventListener('focus',()=>{stay(one);say(one)});one.addEventListener('blur',()=>say(null));
one.addEventListener('keydown',event=>{const step={ArrowDown:1,ArrowUp:-1}[event.key];if(!step)return;
let to=n+step;while(all[to]&&!seen(all[to]))to+=step;
if(all[to]){event.preventDefault();all[to].focus()}})});
for(const line of document.querySelectorAll('.m line')){const wide=line.cloneNode();wide.setAttribute('class','wide');
line.after(wide)}
for(const wish of document.querySelectorAll('.wishes input'))wish.addEventListener('change',
()=>{box.classList.toggle(wish.value,wish.checked);if(!seen(here))stay(all.find(seen))});
const high=line=>line.y1.baseVal.value,bad=[...document.querySelectorAll('.violation')].sort((a,b)=>high(a)-high(b))[0];
stay(bad?bad.parentNode:all.find(seen));
const room=Math.min(box.clientHeight,innerHeight-box.getBoundingClientRect().top);
if(bad)box.scrollTop=high(bad)-(room>200?room:box.clientHeight)*.6})();
)js";

}  // namespace smalldb::reports
