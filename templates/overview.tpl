{{%AUTOESCAPE context="HTML"}}<section class="verdict {{VERDICT_CLASS}}" aria-label="State">
<h1><span class="dot" aria-hidden="true"></span>{{VERDICT}}</h1>
<p class="muted">{{VERDICT_DETAIL}}</p>
<ul class="findings">
{{#FINDING}}<li class="finding {{CLASS}}">
<div class="finding-head"><span class="finding-what">{{#WHERE}}<a href="{{LINK}}">{{NAME}}</a> {{/WHERE}}{{WHAT}}</span>{{#HAS_SINCE}}<span class="finding-since muted">since <time title="{{SINCE_EXACT}}">{{SINCE}} UTC</time></span>{{/HAS_SINCE}}</div>
{{#GROWN}}<p>Most of the growth: <a class="sql-name" href="{{LINK}}"><code>{{SQL}}</code></a></p>{{/GROWN}}
{{#HAS_REMEDY}}<p class="remedy">{{REMEDY:pre_escape}}</p>{{/HAS_REMEDY}}
</li>{{/FINDING}}
{{#MORE_FINDINGS}}<li class="finding"><a href="/databases">{{COUNT}} more databases want attention</a></li>{{/MORE_FINDINGS}}
</ul>
</section>
{{#NO_DATABASES}}<section class="panel empty"><h2>Nothing is watched yet</h2><p>Add a database: Potto connects to it, or an agent beside it sends what it finds.</p><p><a class="button primary" href="/databases/new">Add a database</a></p></section>{{/NO_DATABASES}}
<section class="tiles" aria-label="Totals">
{{#TILE}}<div class="tile"><h2>{{NAME}}</h2><p class="tile-value">{{VALUE}}</p><p class="tile-note muted">{{NOTE}}{{#HAS_CHANGE}} <span class="change" title="against the period before">{{CHANGE}}</span>{{/HAS_CHANGE}}</p></div>{{/TILE}}
</section>
{{>CHARTS}}
<section class="panel" aria-labelledby="top-queries">
<div class="panel-head"><h2 id="top-queries">Top queries <span class="muted">by database time</span></h2><a href="{{QUERIES_LINK}}">All queries</a></div>
{{#NO_QUERIES}}<div class="empty"><p>No queries were seen in this period. Choose a longer one, or see how the databases are <a href="/databases">watched</a>.</p></div>{{/NO_QUERIES}}
{{#HAS_QUERIES}}<table class="queries rows">
<thead><tr><th scope="col" class="col-sql">Query</th><th scope="col" class="col-spark">Over the period</th><th scope="col" class="number">Total time</th><th scope="col" class="number col-share">Share</th><th scope="col" class="number">Calls</th><th scope="col" class="number">Mean</th></tr></thead>
<tbody>
{{#QUERY}}<tr><td class="col-sql"><a class="row-link" href="{{LINK}}"><code class="sql clamp">{{#SPAN}}<i class="{{KIND}}">{{TEXT:pre_escape}}</i>{{/SPAN}}</code></a><span class="row-foot muted">{{#IS_NEW}}<span class="tag new">new</span> {{/IS_NEW}}{{#HAS_FLIP}}<span class="tag warn" title="{{WHEN_EXACT}}">plan changed</span> {{/HAS_FLIP}}{{#CONNECTION}}<a href="{{LINK}}">{{NAME}}</a> {{/CONNECTION}}{{#MORE_CONNECTIONS}}+{{COUNT}} more{{/MORE_CONNECTIONS}}</span></td><td class="col-spark" data-name="Over the period"><svg class="spark" viewBox="0 0 96 24" width="96" height="24" aria-hidden="true"><path d="{{SPARK}}"/></svg></td><td class="number" data-name="Total time">{{TOTAL}}</td><td class="number col-share" data-name="Share"><span>{{SHARE}}</span><svg class="share" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="share-track" width="100" height="4"/><rect width="{{SHARE_WIDTH}}" height="4"/></svg></td><td class="number" data-name="Calls">{{CALLS}}</td><td class="number" data-name="Mean">{{MEAN}}</td></tr>
{{/QUERY}}
</tbody></table>{{/HAS_QUERIES}}
</section>
