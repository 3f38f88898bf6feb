{{%AUTOESCAPE context="HTML"}}<h1 class="hidden">Queries</h1>
<form class="filter" method="get" action="/queries" role="search" data-auto-submit>
{{#HIDDEN}}<input type="hidden" name="{{NAME}}" value="{{VALUE}}">{{/HIDDEN}}
<label class="grow"><span class="hidden">Text in the query</span><input type="search" name="q" value="{{SEARCH}}" placeholder="Text in the query: a table, a column…" maxlength="500"></label>
<label><span class="hidden">Engine</span><select name="engine">{{#ENGINE}}<option value="{{VALUE}}"{{#IS_CURRENT}} selected{{/IS_CURRENT}}>{{LABEL}}</option>{{/ENGINE}}</select></label>
<label><span class="hidden">Kind of statement</span><select name="kind">{{#KIND}}<option value="{{VALUE}}"{{#IS_CURRENT}} selected{{/IS_CURRENT}}>{{LABEL}}</option>{{/KIND}}</select></label>
<label><span class="hidden">Queries of catalogues</span><select name="catalog">{{#CATALOG}}<option value="{{VALUE}}"{{#IS_CURRENT}} selected{{/IS_CURRENT}}>{{LABEL}}</option>{{/CATALOG}}</select></label>
<button type="submit">Search</button>
<a class="button" href="/plans/new">Analyze a plan</a>
{{#TABLE_FILTER}}<span class="chip">table <code>{{NAME}}</code> <a href="{{REMOVE_LINK}}" aria-label="Remove the filter on table {{NAME}}">×</a></span>{{/TABLE_FILTER}}
{{#TAG_FILTER}}<span class="chip">tag <code>{{NAME}}</code> <a href="{{REMOVE_LINK}}" aria-label="Remove the filter on tag {{NAME}}">×</a></span>{{/TAG_FILTER}}
</form>
{{#NO_MATCH}}<section class="panel empty"><h2>No query matches</h2><p>Nothing in this period fits the filter. Choose a longer period, or <a href="{{CLEAR_LINK}}">clear the filter</a>.</p>{{#LEFT_OUT}}<p>Queries of catalogues are left out: <a href="{{LINK}}">show them too</a>.</p>{{/LEFT_OUT}}</section>{{/NO_MATCH}}
{{#NO_QUERIES}}<section class="panel empty"><h2>No queries in this period</h2><p>Choose a longer period, or see how the databases are <a href="/databases">watched</a>.</p>{{#LEFT_OUT}}<p>Queries of catalogues are left out: <a href="{{LINK}}">show them too</a>.</p>{{/LEFT_OUT}}</section>{{/NO_QUERIES}}
{{#HAS_QUERIES}}<section class="panel"><table class="queries rows wide-rows">
<thead><tr><th scope="col" class="col-sql">Query</th><th scope="col" class="col-spark">Over the period</th>
<th scope="col" class="number"{{#SORT_TOTAL}}{{#IS_CURRENT}} aria-sort="descending"{{/IS_CURRENT}}{{/SORT_TOTAL}}>{{#SORT_TOTAL}}<a href="{{LINK}}">Total time</a>{{/SORT_TOTAL}}</th>
<th scope="col" class="number col-share">Share</th>
<th scope="col" class="number"{{#SORT_CALLS}}{{#IS_CURRENT}} aria-sort="descending"{{/IS_CURRENT}}{{/SORT_CALLS}}>{{#SORT_CALLS}}<a href="{{LINK}}">Calls</a>{{/SORT_CALLS}}</th>
<th scope="col" class="number"{{#SORT_MEAN}}{{#IS_CURRENT}} aria-sort="descending"{{/IS_CURRENT}}{{/SORT_MEAN}}>{{#SORT_MEAN}}<a href="{{LINK}}">Mean</a>{{/SORT_MEAN}}</th>
<th scope="col" class="number col-max"{{#SORT_MAX}}{{#IS_CURRENT}} aria-sort="descending"{{/IS_CURRENT}}{{/SORT_MAX}}>{{#SORT_MAX}}<a href="{{LINK}}">Max</a>{{/SORT_MAX}}</th>
<th scope="col" class="number col-rows"{{#SORT_ROWS}}{{#IS_CURRENT}} aria-sort="descending"{{/IS_CURRENT}}{{/SORT_ROWS}}>{{#SORT_ROWS}}<a href="{{LINK}}">Rows</a>{{/SORT_ROWS}}</th>
{{#SORT_LOCKS}}<th scope="col" class="number col-rows"{{#IS_CURRENT}} aria-sort="descending"{{/IS_CURRENT}}><a href="{{LINK}}">Locks</a></th>
{{/SORT_LOCKS}}<th scope="col" class="number"{{#SORT_LAST_SEEN}}{{#IS_CURRENT}} aria-sort="descending"{{/IS_CURRENT}}{{/SORT_LAST_SEEN}}>{{#SORT_LAST_SEEN}}<a href="{{LINK}}">Last seen</a>{{/SORT_LAST_SEEN}}</th></tr></thead>
<tbody>
{{#QUERY}}<tr><td class="col-sql"><a class="row-link" href="{{LINK}}"><code class="sql clamp">{{#SPAN}}<i class="{{KIND}}">{{TEXT:pre_escape}}</i>{{/SPAN}}</code></a><span class="row-foot muted">{{#IS_NEW}}<span class="tag new">new</span> {{/IS_NEW}}{{#HAS_FLIP}}<span class="tag warn" title="{{WHEN_EXACT}}">plan changed</span> {{/HAS_FLIP}}{{#CONNECTION}}<a href="{{LINK}}">{{NAME}}</a> {{/CONNECTION}}{{#MORE_CONNECTIONS}}+{{COUNT}} more{{/MORE_CONNECTIONS}}</span></td><td class="col-spark" data-name="Over the period"><svg class="spark" viewBox="0 0 96 24" width="96" height="24" aria-hidden="true"><path d="{{SPARK}}"/></svg></td><td class="number" data-name="Total time">{{TOTAL}}</td><td class="number col-share" data-name="Share"><span>{{SHARE}}</span><svg class="share" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="share-track" width="100" height="4"/><rect width="{{SHARE_WIDTH}}" height="4"/></svg></td><td class="number" data-name="Calls">{{CALLS}}</td><td class="number" data-name="Mean">{{MEAN}}</td><td class="number col-max" data-name="Max">{{MAX}}</td><td class="number col-rows" data-name="Rows">{{ROWS_EXAMINED}}</td>{{#HAS_LOCKS}}<td class="number col-rows" data-name="Locks">{{LOCK}}</td>{{/HAS_LOCKS}}<td class="number" data-name="Last seen"><span title="{{LAST_SEEN_EXACT}}">{{LAST_SEEN}}</span></td></tr>
{{/QUERY}}
</tbody></table>
{{#PAGING}}<nav class="paging" aria-label="Pages"><span class="muted">{{FIRST}}–{{LAST}} of {{COUNT}}</span>{{#PREVIOUS}}<a class="button" href="{{LINK}}" rel="prev">Previous</a>{{/PREVIOUS}}{{#NEXT}}<a class="button" href="{{LINK}}" rel="next">Next</a>{{/NEXT}}</nav>{{/PAGING}}
</section>{{/HAS_QUERIES}}
