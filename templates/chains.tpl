{{%AUTOESCAPE context="HTML"}}<ul class="chains">{{#ROOT}}<li class="chain">
<div class="chain-root">{{#HEAD}}{{#HAS_SQL}}<a class="row-link" href="{{LINK}}"><code class="sql clamp">{{#SPAN}}<i class="{{KIND}}">{{TEXT:pre_escape}}</i>{{/SPAN}}</code></a>{{/HAS_SQL}}{{#NO_SQL}}<span class="muted">{{WHY}}</span>{{/NO_SQL}}{{/HEAD}}
<p class="spread fine"><span class="state {{STATE_CLASS}}">{{STATE}}{{#IS_LAST}}; this was its last statement{{/IS_LAST}}</span><span><span class="muted">user</span> {{USER}}</span><span><span class="muted">application</span> {{APPLICATION}}</span></p>
<p class="spread fine"><span><span class="muted">kept others waiting for</span> <strong>{{ALL_WAITED}}</strong></span><span><span class="muted">sessions at once</span> {{ALL_AT_ONCE}}</span><span><span class="muted">from</span> <span title="{{FIRST_EXACT}}">{{FIRST}}</span> <span class="muted">to</span> <span title="{{LAST_EXACT}}">{{LAST}}</span></span></p></div>
<ul class="chain-waiters">{{#WAITER}}<li>{{#DEEPER}}<span class="indent"></span>{{/DEEPER}}<span class="indent last"></span><div class="chain-waiter">{{#HAS_SQL}}<a class="row-link" href="{{LINK}}"><code class="sql clamp">{{#SPAN}}<i class="{{KIND}}">{{TEXT:pre_escape}}</i>{{/SPAN}}</code></a>{{/HAS_SQL}}{{#NO_SQL}}<span class="muted">{{WHY}}</span>{{/NO_SQL}}
<p class="spread fine muted"><span>waited {{WAITED}}</span><span>{{AT_ONCE}} at once</span>{{#IS_BEHIND}}<span>behind up to {{BEFORE}} that waited too</span>{{/IS_BEHIND}}</p></div></li>
{{/WAITER}}</ul></li>
{{/ROOT}}</ul>
