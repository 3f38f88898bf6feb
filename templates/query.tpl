{{%AUTOESCAPE context="HTML"}}<header class="page-head">
<h1><span class="kind">{{KIND}}</span>{{#IS_NEW}} <span class="tag new">new</span>{{/IS_NEW}}</h1>
<p class="muted spread">{{#RUNS_ON}}<span><a href="{{LINK}}">{{NAME}}</a> <span class="fine">{{ENGINE}}</span></span> {{/RUNS_ON}}<span class="fine">fingerprint <code>{{HASH}}</code></span></p>
</header>
{{#STATEMENT}}<section class="panel statement fold" aria-label="Statement">
<pre class="sql" data-copy-source>{{#SPAN}}<i class="{{KIND}}">{{TEXT:pre_escape}}</i>{{/SPAN}}</pre>
<button class="copy small" type="button" data-copy data-needs-script>Copy</button>
{{#IS_LONG}}<details class="fold-more"><summary>Whole statement</summary></details>{{/IS_LONG}}
{{#HAS_TABLES}}<p class="tables"><span class="muted">Tables</span> {{#TABLE}}<a class="chip" href="{{LINK}}"><code>{{NAME}}</code></a> {{/TABLE}}</p>{{/HAS_TABLES}}
{{#HAS_TAGS}}<p class="tables"><span class="muted">Tags of samples</span> {{#TAG}}<a class="chip" href="{{LINK}}" title="{{CALLS}} samples, {{TIME}} in all"><code>{{NAME}}</code></a> {{/TAG}}</p>{{/HAS_TAGS}}
</section>{{/STATEMENT}}
{{#LOCK_VERDICT}}<p class="notice warn">It waited for locks for {{SHARE}} of its time{{#BEHIND}}, the longest behind a session that was {{STATE}}{{#HAS_ROOT_SQL}}: <a href="{{LINK}}"><code class="sql">{{#SPAN}}<i class="{{KIND}}">{{TEXT:pre_escape}}</i>{{/SPAN}}</code></a>{{/HAS_ROOT_SQL}}{{/BEHIND}}. <a href="#query-waits">Waits</a></p>{{/LOCK_VERDICT}}
{{#PLAN_VERDICT}}<p class="notice {{SEVERITY_CLASS}}"><strong>{{TITLE}}</strong> {{EVIDENCE}} <a href="#plans">What to do</a></p>{{/PLAN_VERDICT}}
{{#PLAN_CHANGED}}<p class="notice{{#IS_WORSE}} warn{{/IS_WORSE}}">{{WHAT}} on <a href="{{DATABASE_LINK}}">{{DATABASE}}</a> <span title="{{WHEN_EXACT}}">{{WHEN}}</span>{{#HAS_SENTENCE}}: {{SENTENCE}}{{/HAS_SENTENCE}}{{#NO_SENTENCE}}.{{/NO_SENTENCE}} {{EFFECT}} <a href="#plan-changes">What changed</a></p>{{/PLAN_CHANGED}}
{{#NOT_IN_PERIOD}}<p class="notice">It did not run in this period. It was last seen {{LAST_SEEN}}.</p>{{/NOT_IN_PERIOD}}
<section class="tiles six" aria-label="Totals">
<div class="tile"><h2>Total time</h2><p class="tile-value">{{TOTAL}}</p><p class="tile-note muted">{{SHARE}} of all database time</p></div>
<div class="tile"><h2>Calls</h2><p class="tile-value">{{CALLS}}</p><p class="tile-note muted">{{SLOW}} of them slow</p></div>
<div class="tile"><h2>Mean time</h2><p class="tile-value">{{MEAN}}</p><p class="tile-note muted">slowest sample {{MAX}}</p></div>
<div class="tile"><h2>95th percentile</h2>{{#PERCENTILES}}<p class="tile-value">{{P95}}</p><p class="tile-note muted">median {{P50}}, 99th {{P99}}, of {{COUNT}} executions seen</p>{{/PERCENTILES}}{{#NO_PERCENTILES}}<p class="tile-value">–</p><p class="tile-note muted">counters alone know no distribution</p>{{/NO_PERCENTILES}}</div>
<div class="tile"><h2>Rows returned</h2><p class="tile-value">{{RETURNED_EACH}}</p><p class="tile-note muted">per call{{#HAS_EXAMINED}}, {{EXAMINED_EACH}} examined{{/HAS_EXAMINED}}{{#HAS_BLOCKS}}, {{HIT_RATIO}} of blocks from cache{{/HAS_BLOCKS}}</p></div>
<div class="tile"><h2>Last seen</h2><p class="tile-value" title="{{LAST_SEEN_EXACT}}">{{LAST_SEEN}}</p><p class="tile-note muted">first seen <span title="{{FIRST_SEEN_EXACT}}">{{FIRST_SEEN}}</span></p></div>
</section>
{{#DIGESTS}}<p class="muted spread" id="counted"><span>Waited for locks for <b>{{LOCK}}</b>, {{LOCK_SHARE}} of its time</span>{{#FACT}}<span><b>{{COUNT}}</b> {{WORDS}}</span>{{/FACT}}</p>{{/DIGESTS}}
{{>CHARTS}}
{{#MEASURES}}<section class="panel" aria-labelledby="measures"><div class="panel-head"><h2 id="measures">What else it costs <span class="muted">shares are of its time</span></h2></div>
{{#TABLE}}<table class="waits measures"><thead><tr><th scope="col">What</th><th scope="col" class="number">In all</th><th scope="col" class="number">Per call</th><th scope="col" class="number" title="of its time">Share</th></tr></thead><tbody>
{{#ROW}}<tr><th scope="row">{{NAME}}{{#HAS_NOTES}} <span class="muted">{{NOTES}}</span>{{/HAS_NOTES}}</th><td class="number" data-name="In all">{{TOTAL}}</td><td class="number" data-name="Per call">{{EACH}}</td><td class="number" data-name="Share">{{SHARE}}</td></tr>
{{/ROW}}</tbody></table>{{/TABLE}}
{{#NOTHING}}<p>None: {{LIST}}.</p>{{/NOTHING}}
{{#UNKNOWN}}<p class="muted">Not known, since its servers do not tell it: {{LIST}}.</p>{{/UNKNOWN}}
</section>{{/MEASURES}}
{{#QUERY_WAITS}}<section class="panel" aria-labelledby="query-waits"><div class="panel-head"><h2 id="query-waits">Waits <span class="muted">of its sessions</span></h2></div>
{{#NOT_WATCHED}}<div class="empty"><p>Nobody looked at the sessions of its databases in this period, so what it waited for is not known.</p></div>{{/NOT_WATCHED}}
{{#NOT_SEEN}}<div class="empty"><p>It was not at work at any of {{LOOKS}} looks, so what it waited for is not known. Somebody looks about once a second and seldom sees what is short or rare.</p></div>{{/NOT_SEEN}}
{{#SEEN}}<p>Seen at work {{SIGHTINGS}} times; {{SHARES}}.{{#IS_ROUGH}} So few sightings give rough shares.{{/IS_ROUGH}}</p>
<table class="waits"><thead><tr><th scope="col">Wait</th><th scope="col" class="number">Sessions</th><th scope="col" class="number col-share">Share</th></tr></thead><tbody>
{{#ROW}}<tr><th scope="row" class="col-name"><span class="{{#HAS_CLASS}}swatch layer-{{LAYER_KEY}}{{/HAS_CLASS}}">{{NAME}}</span>{{#HAS_EVENT}}<code class="event">{{EVENT}}</code>{{/HAS_EVENT}}</th><td class="number" data-name="Sessions">{{SESSIONS}}</td><td class="number col-share" data-name="Share"><span>{{SHARE}}</span><svg class="share" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="share-track" width="100" height="4"/><rect width="{{SHARE_WIDTH}}" height="4"/></svg></td></tr>
{{/ROW}}</tbody></table>{{/SEEN}}
{{#KEEPS}}<p>It kept others waiting for locks for {{KEPT}} in all.</p>{{/KEEPS}}
{{#HAS_ROOTS}}<h3>Behind whom</h3>
{{>CHAINS}}{{/HAS_ROOTS}}
</section>{{/QUERY_WAITS}}
<section class="panel" aria-labelledby="plans"><div class="panel-head"><h2 id="plans">Plan</h2><a href="/plans/new">Analyze another plan</a></div>
{{#NO_PLAN}}<div class="empty"><p>{{WHY}}</p>{{#TRIED}}<p class="muted">Last tried on <a href="{{LINK}}">{{DATABASE}}</a> <span title="{{WHEN_EXACT}}">{{WHEN}}</span>{{#HAS_CODE}}; the server's code was <code>{{CODE}}</code>{{/HAS_CODE}}. If the statement runs again, Potto tries again within about an hour.</p>{{/TRIED}}</div>{{/NO_PLAN}}
{{>PLANS}}
</section>
{{>PLAN_CHANGES}}<section class="panel" aria-labelledby="samples"><div class="panel-head"><h2 id="samples">Samples <span class="muted">single executions</span></h2>{{#SAMPLES}}<nav class="presets" aria-label="Order of samples"><a href="{{NEWEST_LINK}}#samples"{{#IS_NEWEST}} aria-current="true"{{/IS_NEWEST}}>Newest</a><a href="{{SLOWEST_LINK}}#samples"{{#IS_SLOWEST}} aria-current="true"{{/IS_SLOWEST}}>Slowest</a></nav>{{/SAMPLES}}</div>
{{#NO_SAMPLES}}<div class="empty"><p>No single execution was caught in this period. Counters know how often and how long it ran in all; samples come from slow logs, running sessions and agents.</p></div>{{/NO_SAMPLES}}
{{#SAMPLES}}<div class="scroll" tabindex="0" role="region" aria-label="Samples"><table class="samples"><thead><tr><th scope="col">Started <span class="muted">UTC</span></th><th scope="col" class="number">Duration</th><th scope="col" class="number">Rows examined</th><th scope="col" class="number">returned</th>{{#HAS_LOCKS}}<th scope="col" class="number">Locks</th>{{/HAS_LOCKS}}<th scope="col">Database</th><th scope="col">User</th><th scope="col">From</th><th scope="col" class="col-sql">Statement</th></tr></thead><tbody>
{{#SAMPLE}}<tr><td><span title="{{CAPTURED_EXACT}}">{{CAPTURED}}</span></td><td class="number strong">{{DURATION}}</td><td class="number">{{ROWS_EXAMINED}}</td><td class="number">{{ROWS_RETURNED}}</td>{{#LOCKS}}<td class="number">{{LOCK}}</td>{{/LOCKS}}<td>{{DATABASE}}</td><td class="user" title="{{USER}}">{{USER}}</td><td>{{PROVENANCE}}</td><td class="col-sql">{{#HAS_SQL}}<details class="sample-sql"><summary><code class="sql clamp">{{#SPAN}}<i class="{{KIND}}">{{TEXT:pre_escape}}</i>{{/SPAN}}</code></summary></details>{{/HAS_SQL}}{{#NO_SQL}}<span class="muted">not kept</span>{{/NO_SQL}}</td></tr>
{{/SAMPLE}}</tbody></table></div>{{#HAS_MORE}}<p class="muted table-foot">The first {{COUNT}}. Zoom into the charts for the others.</p>{{/HAS_MORE}}{{/SAMPLES}}
</section>
