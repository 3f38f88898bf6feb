{{%AUTOESCAPE context="HTML"}}<header class="page-head split"><div><h1>Waits</h1><p class="muted">What the sessions of <a href="{{DATABASE_LINK}}">{{NAME}}</a> wait for</p></div><a class="button" href="{{DATABASE_LINK}}">The database</a></header>
{{#WATCH_PROBLEM}}<section class="notice {{WATCH_CLASS}}" role="status"><p><strong>{{PROBLEM}}</strong></p>{{#HAS_REMEDY}}<div class="copyable"><pre class="code" data-copy-source>{{REMEDY:pre_escape}}</pre><button class="copy small" type="button" data-copy data-needs-script>Copy</button></div>{{/HAS_REMEDY}}</section>{{/WATCH_PROBLEM}}
{{#NO_LOOKS}}<section class="panel" aria-label="Waits"><div class="empty"><p>{{WHY}}</p></div></section>{{/NO_LOOKS}}
{{#HAS_LOOKS}}<p class="lead">{{SENTENCE}}</p>
<section class="tiles" aria-label="Totals">
<div class="tile"><h2>Active sessions</h2><p class="tile-value">{{ACTIVE}}</p><p class="tile-note muted">on average, {{AT_WORK}} at work</p></div>
<div class="tile"><h2>Waiting for locks</h2><p class="tile-value">{{LOCKED}}</p><p class="tile-note muted">of session time, {{KEPT}} behind others</p></div>
<div class="tile"><h2>Looks</h2><p class="tile-value">{{LOOKS}}</p><p class="tile-note muted">over {{WATCHED}} of the period</p></div>
<div class="tile"><h2>Cost of looking</h2><p class="tile-value">{{COST}}</p><p class="tile-note muted">of one processor of the server</p></div>
</section>
{{#NOTHING}}<section class="panel" aria-label="Waits"><div class="empty"><p>Nothing waited, and nothing was at work when somebody looked.</p></div></section>{{/NOTHING}}{{/HAS_LOOKS}}
{{>CHARTS}}
{{#TABLES}}<section class="panel" aria-labelledby="blocking"><div class="panel-head"><h2 id="blocking">Who keeps others waiting <span class="muted">for locks</span></h2></div>
{{#NO_ROOTS}}<div class="empty"><p>No session kept another one waiting for a lock.</p></div>{{/NO_ROOTS}}
{{>CHAINS}}</section>
<div class="columns">
<section class="panel" aria-labelledby="what"><div class="panel-head"><h2 id="what">What they wait for</h2></div>
{{#WAITS}}<table class="waits"><thead><tr><th scope="col">Wait</th><th scope="col" class="number">Sessions</th><th scope="col" class="number col-share">Share</th></tr></thead><tbody>
{{#ROW}}<tr><th scope="row" class="col-name"><span class="{{#HAS_CLASS}}swatch layer-{{LAYER_KEY}}{{/HAS_CLASS}}">{{NAME}}</span>{{#HAS_EVENT}}<code class="event">{{EVENT}}</code>{{/HAS_EVENT}}</th><td class="number" data-name="Sessions">{{SESSIONS}}</td><td class="number col-share" data-name="Share"><span>{{SHARE}}</span><svg class="share" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="share-track" width="100" height="4"/><rect width="{{SHARE_WIDTH}}" height="4"/></svg></td></tr>
{{/ROW}}</tbody></table>{{/WAITS}}</section>
<section class="panel" aria-labelledby="whose"><div class="panel-head"><h2 id="whose">Whose sessions</h2><nav class="presets" aria-label="By">{{#OWNER}}<a href="{{LINK}}#whose"{{#IS_CURRENT}} aria-current="true"{{/IS_CURRENT}}>{{LABEL}}</a>{{/OWNER}}</nav></div>
{{#OWNERS}}<table class="waits"><thead><tr><th scope="col">{{OWNER_NAME}}</th><th scope="col" class="number">Sessions</th><th scope="col" class="number col-share">Share</th></tr></thead><tbody>
{{#ROW}}<tr><th scope="row" class="col-name">{{NAME}}</th><td class="number" data-name="Sessions">{{SESSIONS}}</td><td class="number col-share" data-name="Share"><span>{{SHARE}}</span><svg class="share" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="share-track" width="100" height="4"/><rect width="{{SHARE_WIDTH}}" height="4"/></svg></td></tr>
{{/ROW}}</tbody></table>{{/OWNERS}}</section>
</div>
<section class="panel" aria-labelledby="statements"><div class="panel-head"><h2 id="statements">Which statements <span class="muted">were at work or waited</span></h2></div>
{{#STATEMENTS}}<table class="waits rows"><thead><tr><th scope="col" class="col-sql">Statement</th><th scope="col" class="number">Sessions</th><th scope="col" class="number col-share">Share</th></tr></thead><tbody>
{{#ROW}}<tr><td class="col-sql">{{#HAS_SQL}}<a class="row-link" href="{{LINK}}"><code class="sql clamp">{{#SPAN}}<i class="{{KIND}}">{{TEXT:pre_escape}}</i>{{/SPAN}}</code></a>{{/HAS_SQL}}{{#NO_SQL}}<span class="muted">{{WHY}}</span>{{/NO_SQL}}</td><td class="number" data-name="Sessions">{{SESSIONS}}</td><td class="number col-share" data-name="Share"><span>{{SHARE}}</span><svg class="share" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="share-track" width="100" height="4"/><rect width="{{SHARE_WIDTH}}" height="4"/></svg></td></tr>
{{/ROW}}</tbody></table>{{/STATEMENTS}}</section>
<p class="muted fine">Somebody looks about once a second. Each look stands for the time since the one before, so shares are right on average and not to the millisecond.</p>{{/TABLES}}
{{#DEADLOCKS}}<section class="panel" aria-labelledby="deadlocks"><div class="panel-head"><h2 id="deadlocks">Deadlocks <span class="muted">that the server ended</span></h2><span class="muted">{{TOTAL}} in the period{{#HAS_MORE}}, the newest of them{{/HAS_MORE}}</span></div>
<ul class="chains">{{#DEADLOCK}}<li class="chain"><div class="chain-root"><p class="spread fine"><strong title="{{NOTICED_EXACT}}">{{NOTICED}}</strong>{{#HAS_USER}}<span><span class="muted">canceled was a statement of</span> {{USER}}</span>{{/HAS_USER}}{{#HAS_DATABASE}}<span><span class="muted">database</span> {{DATABASE}}</span>{{/HAS_DATABASE}}{{#HAS_APPLICATION}}<span><span class="muted">application</span> {{APPLICATION}}</span>{{/HAS_APPLICATION}}</p></div>
<ul class="chain-waiters">{{#MEMBER}}<li><span class="indent last"></span><div class="chain-waiter">{{#HAS_SQL}}<a class="row-link" href="{{LINK}}"><code class="sql clamp">{{#SPAN}}<i class="{{KIND}}">{{TEXT:pre_escape}}</i>{{/SPAN}}</code></a>{{/HAS_SQL}}{{#NO_SQL}}<span class="muted">{{WHY}}</span>{{/NO_SQL}}
<p class="spread fine muted"><span>process {{PROCESS}}{{#IS_VICTIM}} <span class="state bad">canceled</span>{{/IS_VICTIM}}</span>{{#HAS_WAIT}}<span>waited for {{WAIT}}</span>{{/HAS_WAIT}}{{#HAS_BLOCKER}}<span>behind process {{BLOCKER}}</span>{{/HAS_BLOCKER}}</p></div></li>
{{/MEMBER}}</ul></li>
{{/DEADLOCK}}</ul></section>{{/DEADLOCKS}}
{{#SWITCH}}<form method="post" action="/databases/{{ID}}/waits"><input type="hidden" name="csrf" value="{{CSRF}}">{{#IS_ON}}<input type="hidden" name="looks" value="off"><button class="small" type="submit">Look at its sessions no longer</button>{{/IS_ON}}{{#IS_OFF}}<input type="hidden" name="looks" value="on"><button class="primary" type="submit">Look at its sessions</button>{{/IS_OFF}}</form>{{/SWITCH}}
