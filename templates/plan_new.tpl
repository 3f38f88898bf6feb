{{%AUTOESCAPE context="HTML"}}<header class="page-head"><h1>Analyze a plan</h1><p class="muted">Paste what EXPLAIN answered: Potto says what is wrong with it. Nothing is stored.</p></header>
{{#HAS_PROBLEM}}<p class="notice bad" role="alert">{{PROBLEM}}{{#HAS_CAUSE}} <span class="muted">{{CAUSE}}</span>{{/HAS_CAUSE}}</p>{{/HAS_PROBLEM}}
{{#RESULT}}<section class="panel" aria-labelledby="result"><div class="panel-head"><h2 id="result">What was found</h2></div>
{{>PLANS}}
</section>{{/RESULT}}
<form class="panel paste" method="post" action="/plans/new" autocomplete="off">
<input type="hidden" name="csrf" value="{{CSRF}}">
<label for="plan">The plan, as text or JSON</label>
<textarea id="plan" name="plan" rows="14" spellcheck="false" autocapitalize="off" required placeholder="Seq Scan on orders  (cost=0.00..18334.00 rows=9 width=44)&#10;  Filter: (customer_id = 42)">
{{PLAN:pre_escape}}</textarea>
<p class="actions"><label for="engine">Engine</label> <select id="engine" name="engine">{{#ENGINE}}<option value="{{VALUE}}"{{#IS_CURRENT}} selected{{/IS_CURRENT}}>{{LABEL}}</option>{{/ENGINE}}</select> <button class="primary" type="submit">Analyze</button></p>
</form>
{{#IS_EMPTY}}<section class="panel help" aria-label="Help"><h2>How to get one</h2>
<h3>PostgreSQL</h3>
<div class="copyable"><pre class="code" data-copy-source>EXPLAIN (ANALYZE, BUFFERS, SETTINGS, FORMAT JSON) SELECT …;</pre><button class="copy small" type="button" data-copy data-needs-script>Copy</button></div>
<h3>MySQL 8</h3>
<div class="copyable"><pre class="code" data-copy-source>EXPLAIN ANALYZE SELECT …;</pre><button class="copy small" type="button" data-copy data-needs-script>Copy</button></div>
<h3>MariaDB</h3>
<div class="copyable"><pre class="code" data-copy-source>ANALYZE FORMAT=JSON SELECT …;</pre><button class="copy small" type="button" data-copy data-needs-script>Copy</button></div>
<p class="muted">These run the statement. Without ANALYZE it is only planned: then Potto goes by the planner's guesses. Plans that auto_explain wrote to the log are taken, too.</p>
</section>{{/IS_EMPTY}}
