{{%AUTOESCAPE context="HTML"}}<h1 class="hidden">MongoDB</h1>
{{#NO_CLUSTERS}}<section class="panel empty"><h2>No MongoDB is watched yet</h2><p>Potto does not connect to MongoDB. Add it as a database, and let an agent or a script send what its nodes say.</p>{{#MAY_ADD}}<p><a class="button primary" href="/databases/new">Add a database</a></p>{{/MAY_ADD}}</section>{{/NO_CLUSTERS}}
{{#NOT_MONGODB}}<section class="panel empty"><h2>This database is no MongoDB</h2><p><a href="{{ALL_LINK}}">All MongoDB clusters</a></p></section>{{/NOT_MONGODB}}
{{#CLUSTER}}<section class="panel" aria-labelledby="cluster-{{ID}}"><div class="panel-head"><h2 id="cluster-{{ID}}"><a href="{{LINK}}">{{NAME}}</a> <span class="state {{STATE_CLASS}}">{{STATE}}</span></h2></div>
{{#HAS_PROBLEM}}<p class="notice {{STATE_CLASS}}" role="status">{{PROBLEM}}</p>{{/HAS_PROBLEM}}
{{#STALE}}<p class="notice warn" role="status">{{#WHICH}}{{#IS_NEXT}}, {{/IS_NEXT}}<strong>{{NODE}}</strong>{{/WHICH}}{{#MORE}} and {{COUNT}} more{{/MORE}} {{DO}} not report any more. Does whatever sends still run there?{{#IS_LISTED}} A node that was removed leaves this list {{DAYS}} days after its last report.{{/IS_LISTED}}</p>{{/STALE}}
{{#CUMULATIVE}}<p class="notice warn" role="status"><strong>{{NODE}}</strong> seems to send its server’s counters: its operations only rise. Send what was done since the report before; until then its rate is unknown and its sums are too high.</p>{{/CUMULATIVE}}
{{#NO_NODES}}<div class="empty"><p>Nothing was reported yet. Its agent token is on <a href="{{LINK}}#agent">its page</a>.</p></div>{{/NO_NODES}}
{{#HAS_NODES}}<table class="rows"><thead><tr><th scope="col">Node</th><th scope="col">State</th><th scope="col" class="number">Lag</th><th scope="col" class="number">Oplog window</th><th scope="col" class="number">Operations</th><th scope="col" class="number">Connections</th><th scope="col" class="number">Cache used</th><th scope="col" class="number">Data</th><th scope="col" class="number">Newest report</th></tr></thead><tbody>
{{#ROW}}<tr><td class="col-name"><a class="row-link" href="{{LINK}}"{{#IS_CHOSEN}} aria-current="true"{{/IS_CHOSEN}}><strong>{{NODE}}</strong></a></td><td data-name="State"><span><span class="state {{STATE_CLASS}}">{{STATE}}</span>{{#HAS_ROLE}}<span class="row-foot muted">{{ROLE}}</span>{{/HAS_ROLE}}</span></td><td class="number" data-name="Lag">{{LAG}}</td><td class="number" data-name="Oplog window">{{OPLOG}}</td><td class="number" data-name="Operations">{{OPERATIONS}}</td><td class="number" data-name="Connections"><span>{{CONNECTIONS}}{{#HAS_AVAILABLE}}<span class="row-foot muted">{{AVAILABLE}} free</span>{{/HAS_AVAILABLE}}</span></td><td class="number" data-name="Cache used"><span>{{CACHE}}{{#HAS_CACHE}}<span class="row-foot muted">of {{CACHE_MAX}}</span>{{/HAS_CACHE}}</span></td><td class="number" data-name="Data">{{DATA}}</td><td class="number" data-name="Newest"><span title="{{NEWEST_EXACT}}">{{NEWEST}}</span></td></tr>
{{/ROW}}</tbody></table>{{/HAS_NODES}}</section>
{{/CLUSTER}}{{#HAS_MORE}}<p class="muted table-foot">The first 50.</p>{{/HAS_MORE}}
{{#CHOSEN}}<p class="muted table-foot">Charts of <strong>{{NODE}}</strong> alone. <a href="{{ALL_LINK}}">All nodes</a></p>{{/CHOSEN}}
{{>CHARTS}}
{{#HOW_TO_SEND}}<section class="panel" aria-labelledby="how-to-send"><div class="panel-head"><h2 id="how-to-send">Sending reports <span class="muted">once a minute, from an agent or a script</span></h2></div>
<p>A report says what <code>serverStatus</code>, <code>replSetGetStatus</code> and <code>dbStats</code> say of one node. Operations are what was done since the report before. What is left out is unknown.</p>
<div class="copyable"><pre class="code" data-copy-source>curl -X POST {{PUBLIC_URL}}/api/v1/metrics \
  -H "Content-Type: application/json" \
  -d '{
    "agent_token": "agt_YOUR_TOKEN_HERE",
    "type": "mongodb",
    "data": {
      "nodeId": "rs0-a:27017", "role": "primary",
      "connectionsCurrent": 42, "connectionsAvailable": 758,
      "opsInsert": 1200, "opsQuery": 5400, "opsUpdate": 800, "opsDelete": 12, "opsCommand": 9100,
      "replLagSeconds": 0, "oplogWindowHours": 48.5,
      "dataSizeBytes": 52428800, "indexSizeBytes": 8388608, "storageSizeBytes": 41943040,
      "wtCacheUsedBytes": 268435456, "wtCacheMaxBytes": 536870912
    }
  }'</pre><button class="copy small" type="button" data-copy data-needs-script>Copy</button></div></section>{{/HOW_TO_SEND}}
