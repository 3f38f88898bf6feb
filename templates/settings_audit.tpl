{{%AUTOESCAPE context="HTML"}}<h1 class="hidden">Audit log</h1>
<nav class="presets" aria-label="Settings">{{#TAB}}<a href="{{LINK}}"{{#IS_CURRENT}} aria-current="true"{{/IS_CURRENT}}>{{LABEL}}</a>{{/TAB}}</nav>
{{#HAS_DONE}}<p class="notice good" role="status">{{DONE}}</p>{{/HAS_DONE}}
{{#HAS_PROBLEM}}<div class="notice bad" role="alert">{{PROBLEM}}{{#FIELD}}<p>{{NAME}} {{MESSAGE}}</p>{{/FIELD}}</div>{{/HAS_PROBLEM}}
<form class="filter" method="get" action="/settings/audit"><label class="grow"><span class="hidden">What was done</span><input name="action" value="{{ACTION_VALUE}}" maxlength="100" placeholder="login_failed, connection_changed, …"></label><button type="submit">Show</button></form>
{{#NO_ROWS}}<section class="panel empty"><h2>Nothing of that kind was done</h2></section>{{/NO_ROWS}}
{{#HAS_ROWS}}<section class="panel"><table class="rows"><thead><tr><th scope="col" class="number">When</th><th scope="col">Who</th><th scope="col">What</th><th scope="col">About</th><th scope="col">From</th></tr></thead><tbody>
{{#ROW}}<tr><td class="number" data-name="When"><span title="{{AT_EXACT}}">{{AT}}</span></td><td data-name="Who">{{WHO}}</td><td class="col-name" data-name="What"><strong>{{ACTION}}</strong>{{#HAS_REPEATS}} <span class="muted">and {{REPEATS}} more that hour</span>{{/HAS_REPEATS}}{{#HAS_DETAIL}}<details><summary class="muted">details</summary><pre class="code">{{DETAIL}}</pre></details>{{/HAS_DETAIL}}</td><td data-name="About">{{KIND}}{{#HAS_SUBJECT}} {{SUBJECT}}{{/HAS_SUBJECT}}</td><td data-name="From">{{ADDRESS}}</td></tr>
{{/ROW}}</tbody></table>{{#HAS_MORE}}<p class="table-foot"><a href="{{MORE_LINK}}">Older</a></p>{{/HAS_MORE}}</section>{{/HAS_ROWS}}
