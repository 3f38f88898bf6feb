{{%AUTOESCAPE context="HTML"}}<header class="page-head split"><div><h1>{{NAME}} <span class="state {{STATE_CLASS}}">{{STATE}}</span></h1><p class="muted">{{ENGINE}}{{#HAS_VERSION}} <span title="{{VERSION_WHOLE}}">{{VERSION}}</span>{{/HAS_VERSION}} · {{ADDRESS}}</p></div>{{#MONGODB}}<a class="button" href="{{LINK}}">Its nodes</a>{{/MONGODB}}{{#NOT_MONGODB}}<span class="actions"><a class="button" href="{{QUERIES_LINK}}">Its queries</a>{{#WAITS}} <a class="button" href="{{WAITS_LINK}}">Its waits</a>{{/WAITS}}</span>{{/NOT_MONGODB}}</header>
{{#IS_ADDED}}<p class="notice good" role="status">The database is added. {{#IS_COLLECTED}}The collector comes by within a minute.{{/IS_COLLECTED}}{{#IS_AGENT_ONLY}}Give the token below to its agent.{{/IS_AGENT_ONLY}}</p>{{/IS_ADDED}}
{{#HAS_PROBLEM}}<section class="notice {{STATE_CLASS}}" role="status"><p><strong>{{PROBLEM}}</strong></p>{{#HAS_REMEDY}}<div class="copyable"><pre class="code" data-copy-source>{{REMEDY:pre_escape}}</pre><button class="copy small" type="button" data-copy data-needs-script>Copy</button></div>{{/HAS_REMEDY}}</section>{{/HAS_PROBLEM}}
{{#IS_OVER_BUDGET}}<section class="notice warn" role="status"><p><strong>It sends more than Potto keeps in an hour. Until there is room again, its agent is told to wait, and nothing is collected.</strong></p></section>{{/IS_OVER_BUDGET}}
{{#LOG_PROBLEM}}<section class="notice {{PROBLEM_CLASS}}" role="status"><p><strong>Log file {{NAME}}: {{PROBLEM}}</strong></p>{{#HAS_REMEDY}}<p>{{REMEDY}}</p>{{/HAS_REMEDY}}</section>{{/LOG_PROBLEM}}
{{>CHARTS}}
{{#WAITS}}<section class="panel" aria-labelledby="waits"><div class="panel-head"><h2 id="waits">Waits <span class="muted">of its sessions</span></h2><a href="{{WAITS_LINK}}">What they wait for, and behind whom</a></div>
{{#WATCH_PROBLEM}}<div class="notice {{WATCH_CLASS}}" role="status"><p><strong>{{PROBLEM}}</strong></p>{{#HAS_REMEDY}}<div class="copyable"><pre class="code" data-copy-source>{{REMEDY:pre_escape}}</pre><button class="copy small" type="button" data-copy data-needs-script>Copy</button></div>{{/HAS_REMEDY}}</div>{{/WATCH_PROBLEM}}
{{#NO_LOOKS}}<p class="muted">{{WHY}}</p>{{/NO_LOOKS}}
{{#HAS_LOOKS}}<p>{{SENTENCE}}{{#HAS_ROOTS}} Sessions kept others waiting for locks for {{KEPT}} in all: <a href="{{WAITS_LINK}}#blocking">who</a>.{{/HAS_ROOTS}}</p>{{/HAS_LOOKS}}</section>{{/WAITS}}
<section class="panel" aria-labelledby="top-queries"><div class="panel-head"><h2 id="top-queries">Top queries <span class="muted">by database time</span></h2><a href="{{QUERIES_LINK}}">All of its queries</a></div>
{{#NO_QUERIES}}<div class="empty"><p>No queries were seen here in this period.</p></div>{{/NO_QUERIES}}
{{#HAS_QUERIES}}<table class="queries rows"><thead><tr><th scope="col" class="col-sql">Query</th><th scope="col" class="col-spark">Over the period</th><th scope="col" class="number">Total time</th><th scope="col" class="number col-share">Share</th><th scope="col" class="number">Calls</th><th scope="col" class="number">Mean</th></tr></thead><tbody>
{{#QUERY}}<tr><td class="col-sql"><a class="row-link" href="{{LINK}}"><code class="sql clamp">{{#SPAN}}<i class="{{KIND}}">{{TEXT:pre_escape}}</i>{{/SPAN}}</code></a><span class="row-foot">{{#IS_NEW}}<span class="tag new">new</span> {{/IS_NEW}}{{#HAS_FLIP}}<span class="tag warn" title="{{WHEN_EXACT}}">plan changed</span> {{/HAS_FLIP}}</span></td><td class="col-spark" data-name="Over the period"><svg class="spark" viewBox="0 0 96 24" width="96" height="24" aria-hidden="true"><path d="{{SPARK}}"/></svg></td><td class="number" data-name="Total time">{{TOTAL}}</td><td class="number col-share" data-name="Share"><span>{{SHARE}}</span><svg class="share" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="share-track" width="100" height="4"/><rect width="{{SHARE_WIDTH}}" height="4"/></svg></td><td class="number" data-name="Calls">{{CALLS}}</td><td class="number" data-name="Mean">{{MEAN}}</td></tr>
{{/QUERY}}</tbody></table>{{/HAS_QUERIES}}</section>
{{#COVERAGE}}<section class="panel" aria-labelledby="coverage"><div class="panel-head"><h2 id="coverage">Coverage <span class="muted">of the period</span></h2></div>
<p>{{HEADLINE}} {{COUNTED}}</p>
<ul>{{#GAP}}<li>{{SHARE}} {{WORDS}}.{{#HAS_REMEDY}} {{REMEDY}}{{/HAS_REMEDY}}</li>{{/GAP}}</ul>
{{#HAS_COST}}<p class="muted">Potto's looks take {{COST}} of one of its processors.</p>{{/HAS_COST}}</section>{{/COVERAGE}}
{{#OVERHEAD}}<section class="panel" id="overhead" aria-labelledby="overhead-title"><div class="panel-head"><h2 id="overhead-title">Overhead <span class="muted">what Potto costs its server</span></h2></div>
{{#IS_HELD_BACK}}<p class="notice warn" role="status"><strong>Potto holds back since <span title="{{SINCE_EXACT}}">{{SINCE}}</span>, to keep the overhead budget.</strong> {{WHAT}} What is counted stays exact.</p>{{/IS_HELD_BACK}}
<p>{{SENTENCE}} It may take {{BUDGET}} %.</p>
{{#MAY_SET}}<form class="row-form" method="post" action="/databases/{{ID}}/overhead"><input type="hidden" name="csrf" value="{{CSRF}}"><label for="budget">Overhead budget <span class="unit">% of a processor</span></label> <input id="budget" name="percent" type="number" min="{{MINIMUM}}" max="{{MAXIMUM}}" step="any" value="{{BUDGET}}" required> <button class="small" type="submit">Set</button></form>{{/MAY_SET}}</section>{{/OVERHEAD}}
{{#LOGS}}<section class="panel" aria-labelledby="log-files"><div class="panel-head"><h2 id="log-files">Log files <span class="muted">that a collector follows</span></h2></div>
<table class="rows"><thead><tr><th scope="col">File</th><th scope="col">Format</th><th scope="col">Not read yet</th><th scope="col" class="number">Newest event</th><th scope="col" class="number">Read</th><th scope="col" class="number">Entries</th><th scope="col" class="number">Executions</th><th scope="col" class="number">Samples</th><th scope="col" class="number">Plans</th></tr></thead><tbody>
{{#ROW}}<tr><td class="col-name"><strong>{{NAME}}</strong></td><td data-name="Format">{{FORMAT}}</td><td data-name="Not read yet">{{#IS_BEHIND}}{{UNREAD}}, {{LAG}} old{{/IS_BEHIND}}{{#IS_READ}}nothing{{/IS_READ}}</td><td class="number" data-name="Newest event"><span title="{{LAST_EVENT_EXACT}}">{{LAST_EVENT}}</span></td><td class="number" data-name="Read">{{READ}}</td><td class="number" data-name="Entries">{{ENTRIES}}</td><td class="number" data-name="Executions">{{EXECUTIONS}}</td><td class="number" data-name="Samples">{{SAMPLES}}</td><td class="number" data-name="Plans">{{PLANS}}</td></tr>
{{/ROW}}</tbody></table></section>{{/LOGS}}
<div class="columns">
<section class="panel" aria-labelledby="collection"><div class="panel-head"><h2 id="collection">Collection</h2></div>
<dl class="facts"><dt>Newest data</dt><dd title="{{LAST_DATA_EXACT}}">{{LAST_DATA}}</dd>{{#HAS_RUN}}<dt>Last run</dt><dd title="{{LAST_RUN_EXACT}}">{{LAST_RUN}}, took {{LAST_DURATION}}, found {{LAST_FOUND}}</dd><dt>Last success</dt><dd title="{{LAST_SUCCESS_EXACT}}">{{LAST_SUCCESS}}</dd><dt>Found in all</dt><dd>{{FOUND}}</dd>{{/HAS_RUN}}{{#HAS_NEXT}}<dt>Next look</dt><dd title="{{NEXT_EXACT}}">{{NEXT}}</dd>{{/HAS_NEXT}}{{#IS_COLLECTED}}<dt>Interval</dt><dd>{{INTERVAL}}</dd>{{/IS_COLLECTED}}{{#IS_AGENT_ONLY}}<dt>Collected by</dt><dd>its agent</dd>{{/IS_AGENT_ONLY}}<dt>Budget used</dt><dd>{{BUDGET_USED}} of an hour's</dd><dt>Slow from</dt><dd>{{MIN_DURATION}}</dd><dt>Literals</dt><dd>{{LITERALS}}</dd>{{#IS_COLLECTED}}<dt>Sessions</dt><dd>{{LOOKED_AT}}</dd>{{/IS_COLLECTED}}</dl></section>
<section class="panel" aria-labelledby="settings"><div class="panel-head"><h2 id="settings">Connection</h2></div>
<dl class="facts"><dt>Place</dt><dd>{{ADDRESS}}</dd><dt>User</dt><dd>{{USERNAME}}</dd><dt>Password</dt><dd>{{PASSWORD}}</dd><dt>TLS</dt><dd>{{TLS_MODE}}</dd><dt>Team</dt><dd>{{TEAM}}</dd><dt>Seen by</dt><dd>{{VISIBILITY}}</dd><dt>Added</dt><dd title="{{CREATED_EXACT}}">{{CREATED}}</dd></dl></section>
</div>
<section class="panel" id="agent" aria-labelledby="agent-title"><div class="panel-head"><h2 id="agent-title">Agent <span class="muted">pushes what Potto cannot reach</span></h2></div>
<div class="token">
<p class="token-line"><span class="muted">Token</span> {{#TOKEN_MASKED}}<code class="token-value" data-token-masked>{{HINT}}</code>{{/TOKEN_MASKED}}{{#TOKEN_SHOWN}}<code class="token-value" data-token data-copy-source>{{TOKEN}}</code> <button class="copy-inline small" type="button" data-copy data-needs-script>Copy</button>{{/TOKEN_SHOWN}}</p>
{{#TOKEN_IS_NEW}}<p class="notice good" role="status">This is the new token. The one before works for a grace period, then no longer.</p>{{/TOKEN_IS_NEW}}
<div class="actions">
{{#MAY_REVEAL}}<form method="post" action="/databases/{{ID}}/reveal-token#agent"><input type="hidden" name="csrf" value="{{CSRF}}"><button type="submit">Reveal token</button></form>{{/MAY_REVEAL}}
{{#MAY_ROTATE}}<form method="post" action="/databases/{{ID}}/rotate-token#agent"><input type="hidden" name="csrf" value="{{CSRF}}"><button type="submit">Rotate token</button></form>{{/MAY_ROTATE}}
</div>
<p class="muted fine">Each reveal and each rotation is written to the audit log.</p>
</div>
<h3>Register</h3>
<div class="copyable"><pre class="code" data-copy-source>curl -X POST {{PUBLIC_URL}}/api/v1/collectors/register \
  -H "Content-Type: application/json" \
  -d '{"agent_token": "{{CURL_TOKEN}}", "hostname": "'"$(hostname)"'", "version": "1.0.0"}'</pre><button class="copy small" type="button" data-copy data-needs-script>Copy</button></div>
{{#MONGODB}}<h3>Send reports of nodes</h3>
<div class="copyable"><pre class="code" data-copy-source>curl -X POST {{PUBLIC_URL}}/api/v1/metrics \
  -H "Content-Type: application/json" \
  -d '{
    "agent_token": "{{CURL_TOKEN}}",
    "type": "mongodb",
    "data": {"nodeId": "rs0-a:27017", "role": "primary", "connectionsCurrent": 42, "opsInsert": 1200}
  }'</pre><button class="copy small" type="button" data-copy data-needs-script>Copy</button></div>
{{/MONGODB}}<h3>Send slow queries</h3>
<div class="copyable"><pre class="code" data-copy-source>curl -X POST {{PUBLIC_URL}}/api/v1/collectors/ingest/slow-queries \
  -H "Content-Type: application/json" \
  -d '{
    "agent_token": "{{CURL_TOKEN}}",
    "queries": [{
      "fingerprint": "SELECT * FROM users WHERE id = ?",
      "full_sql": "SELECT * FROM users WHERE id = 123",
      "duration_ms": 1250.5,
      "rows_examined": 10000,
      "rows_returned": 1,
      "captured_at": "'"$(date -u +%Y-%m-%dT%H:%M:%SZ)"'"
    }]
  }'</pre><button class="copy small" type="button" data-copy data-needs-script>Copy</button></div>
</section>
