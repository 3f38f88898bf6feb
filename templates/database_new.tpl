{{%AUTOESCAPE context="HTML"}}<header class="page-head"><h1>Add a database</h1></header>
{{#HAS_PROBLEM}}<p class="notice bad" role="alert">{{PROBLEM}}</p>{{/HAS_PROBLEM}}
<div class="columns form-columns">
<form class="panel sheet" method="post" action="/databases/new" autocomplete="off">
<input type="hidden" name="csrf" value="{{CSRF}}">
<fieldset><legend>What it is</legend>
<div class="field wide"><label for="name">Name</label><input id="name" name="name" value="{{VALUE_NAME}}" maxlength="{{MAX_NAME}}" required placeholder="shop production"{{#WRONG_NAME}} aria-invalid="true" aria-describedby="name-wrong"{{/WRONG_NAME}}>{{#WRONG_NAME}}<p class="wrong" id="name-wrong">{{MESSAGE}}</p>{{/WRONG_NAME}}</div>
<div class="field"><label for="engine">Engine</label><select id="engine" name="engine">{{#ENGINE}}<option value="{{VALUE}}"{{#IS_CURRENT}} selected{{/IS_CURRENT}}>{{LABEL}}</option>{{/ENGINE}}</select>{{#WRONG_ENGINE}}<p class="wrong">{{MESSAGE}}</p>{{/WRONG_ENGINE}}</div>
</fieldset>
<fieldset><legend>Where Potto reaches it</legend>
<p class="muted wide">Leave the host empty if only an agent feeds it.</p>
<div class="field"><label for="host">Host</label><input id="host" name="host" value="{{VALUE_HOST}}" maxlength="{{MAX_HOST}}" spellcheck="false" placeholder="db.example.org"{{#WRONG_HOST}} aria-invalid="true"{{/WRONG_HOST}}>{{#WRONG_HOST}}<p class="wrong">{{MESSAGE}}</p>{{/WRONG_HOST}}</div>
<div class="field"><label for="port">Port</label><input id="port" name="port" value="{{VALUE_PORT}}" inputmode="numeric" maxlength="5" placeholder="{{DEFAULT_PORT}}"{{#WRONG_PORT}} aria-invalid="true"{{/WRONG_PORT}}>{{#WRONG_PORT}}<p class="wrong">{{MESSAGE}}</p>{{/WRONG_PORT}}</div>
<div class="field"><label for="database_name">Database</label><input id="database_name" name="database_name" value="{{VALUE_DATABASE_NAME}}" maxlength="{{MAX_DATABASE_NAME}}" spellcheck="false">{{#WRONG_DATABASE_NAME}}<p class="wrong">{{MESSAGE}}</p>{{/WRONG_DATABASE_NAME}}</div>
<div class="field"><label for="tls_mode">TLS</label><select id="tls_mode" name="tls_mode">{{#TLS_MODE}}<option value="{{VALUE}}"{{#IS_CURRENT}} selected{{/IS_CURRENT}}>{{LABEL}}</option>{{/TLS_MODE}}</select>{{#WRONG_TLS_MODE}}<p class="wrong">{{MESSAGE}}</p>{{/WRONG_TLS_MODE}}</div>
<div class="field"><label for="username">User</label><input id="username" name="username" value="{{VALUE_USERNAME}}" maxlength="{{MAX_USERNAME}}" spellcheck="false" autocomplete="off"{{#WRONG_USERNAME}} aria-invalid="true"{{/WRONG_USERNAME}}>{{#WRONG_USERNAME}}<p class="wrong">{{MESSAGE}}</p>{{/WRONG_USERNAME}}</div>
<div class="field"><label for="password">Password</label><input id="password" name="password" type="password" maxlength="{{MAX_PASSWORD}}" autocomplete="new-password">{{#WRONG_PASSWORD}}<p class="wrong">{{MESSAGE}}</p>{{/WRONG_PASSWORD}}</div>
</fieldset>
<fieldset><legend>Who sees its queries</legend>
<div class="field"><label for="visibility_scope">Seen by</label><select id="visibility_scope" name="visibility_scope">{{#VISIBILITY_SCOPE}}<option value="{{VALUE}}"{{#IS_CURRENT}} selected{{/IS_CURRENT}}>{{LABEL}}</option>{{/VISIBILITY_SCOPE}}</select>{{#WRONG_VISIBILITY_SCOPE}}<p class="wrong">{{MESSAGE}}</p>{{/WRONG_VISIBILITY_SCOPE}}</div>
<div class="field"><label for="team_id">Team</label><select id="team_id" name="team_id"><option value="">None</option>{{#TEAM}}<option value="{{VALUE}}"{{#IS_CURRENT}} selected{{/IS_CURRENT}}>{{LABEL}}</option>{{/TEAM}}</select>{{#WRONG_TEAM_ID}}<p class="wrong">{{MESSAGE}}</p>{{/WRONG_TEAM_ID}}</div>
<div class="field wide check"><input id="keep_literals" name="keep_literals" type="checkbox" value="1"{{#HAS_KEEP_LITERALS}} checked{{/HAS_KEEP_LITERALS}}><label for="keep_literals">Keep the literals of samples <span class="muted">off: values are replaced by ? before they are stored</span></label></div>
</fieldset>
<fieldset><legend>How often, from when on</legend>
<div class="field"><label for="interval_s">Interval <span class="unit">s</span></label><input id="interval_s" name="interval_s" value="{{VALUE_INTERVAL_S}}" inputmode="numeric" maxlength="5" placeholder="{{DEFAULT_INTERVAL_S}}"{{#WRONG_INTERVAL_S}} aria-invalid="true"{{/WRONG_INTERVAL_S}}>{{#WRONG_INTERVAL_S}}<p class="wrong">{{MESSAGE}}</p>{{/WRONG_INTERVAL_S}}</div>
<div class="field"><label for="min_duration_ms">Slow from <span class="unit">ms</span></label><input id="min_duration_ms" name="min_duration_ms" value="{{VALUE_MIN_DURATION_MS}}" inputmode="decimal" maxlength="12" placeholder="{{DEFAULT_MIN_DURATION_MS}}"{{#WRONG_MIN_DURATION_MS}} aria-invalid="true"{{/WRONG_MIN_DURATION_MS}}>{{#WRONG_MIN_DURATION_MS}}<p class="wrong">{{MESSAGE}}</p>{{/WRONG_MIN_DURATION_MS}}</div>
<div class="field wide check"><input id="waits_enabled" name="waits_enabled" type="checkbox" value="1"{{#HAS_WAITS_ENABLED}} checked{{/HAS_WAITS_ENABLED}}><label for="waits_enabled">Look at its sessions <span class="muted">about once a second: what they wait for, and behind whom</span></label></div>
<div class="field"><label for="overhead_budget_percent">Overhead budget <span class="unit">% of a processor</span></label><input id="overhead_budget_percent" name="overhead_budget_percent" value="{{VALUE_OVERHEAD_BUDGET_PERCENT}}" inputmode="decimal" maxlength="8" placeholder="{{DEFAULT_OVERHEAD_BUDGET_PERCENT}}"{{#WRONG_OVERHEAD_BUDGET_PERCENT}} aria-invalid="true"{{/WRONG_OVERHEAD_BUDGET_PERCENT}}>{{#WRONG_OVERHEAD_BUDGET_PERCENT}}<p class="wrong">{{MESSAGE}}</p>{{/WRONG_OVERHEAD_BUDGET_PERCENT}}</div>
</fieldset>
<p class="actions"><button class="primary" type="submit">Add the database</button> <a class="button" href="/databases">Cancel</a></p>
</form>
<aside class="panel help" aria-label="Help"><h2>What Potto needs there</h2>
<p>A user of its own that may read statistics and nothing else. Potto reads in read-only transactions with timeouts, over one connection.</p>
<h3>PostgreSQL</h3>
<div class="copyable"><pre class="code" data-copy-source>CREATE ROLE potto_monitor LOGIN PASSWORD '…';
GRANT pg_monitor TO potto_monitor;
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;</pre><button class="copy small" type="button" data-copy data-needs-script>Copy</button></div>
<p class="muted">The extension takes <code>shared_preload_libraries = 'pg_stat_statements'</code> and a restart. For plans the role needs SELECT on the tables.</p>
<h3>MySQL and MariaDB</h3>
<div class="copyable"><pre class="code" data-copy-source>CREATE USER potto_monitor@'%' IDENTIFIED BY '…';
GRANT SELECT ON mysql.slow_log TO potto_monitor@'%';
GRANT PROCESS ON *.* TO potto_monitor@'%';
GRANT SELECT ON performance_schema.* TO potto_monitor@'%';
SET GLOBAL log_output = 'TABLE', slow_query_log = ON, long_query_time = 0.1;</pre><button class="copy small" type="button" data-copy data-needs-script>Copy</button></div>
<p class="muted">By <code>performance_schema</code>, where it is on, Potto counts every statement, else only those of the slow log; with PROCESS it shows what sessions wait for. For plans the user needs SELECT on the tables.</p>
</aside>
</div>
