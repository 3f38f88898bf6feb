{{%AUTOESCAPE context="HTML"}}<h1 class="hidden">Your account</h1>
<nav class="presets" aria-label="Settings">{{#TAB}}<a href="{{LINK}}"{{#IS_CURRENT}} aria-current="true"{{/IS_CURRENT}}>{{LABEL}}</a>{{/TAB}}</nav>
{{#HAS_DONE}}<p class="notice good" role="status">{{DONE}}</p>{{/HAS_DONE}}
{{#HAS_PROBLEM}}<div class="notice bad" role="alert">{{PROBLEM}}{{#FIELD}}<p>{{NAME}} {{MESSAGE}}</p>{{/FIELD}}</div>{{/HAS_PROBLEM}}
{{#NEW_TOKEN}}<div class="notice good"><p><strong>The new token, shown this once:</strong></p><div class="copyable"><pre class="code" data-copy-source>{{TOKEN}}</pre><button class="copy small" type="button" data-copy data-needs-script>Copy</button></div></div>{{/NEW_TOKEN}}
<section class="panel"><div class="panel-head"><h2>Tokens for scripts</h2></div>
{{#NO_ROWS}}<p class="muted table-foot">None yet. A script sends one as <code>Authorization: Bearer pot_…</code> to {{PUBLIC_URL}}/api/v1.</p>{{/NO_ROWS}}
{{#HAS_ROWS}}<table class="rows"><thead><tr><th scope="col">Name</th><th scope="col">State</th><th scope="col">Scope</th><th scope="col" class="number">Last used</th><th scope="col" class="number">Ends</th><th scope="col"><span class="hidden">Revoke</span></th></tr></thead><tbody>
{{#ROW}}<tr><td class="col-name"><strong>{{NAME}}</strong> <span class="muted">{{HINT}}</span></td><td data-name="State"><span class="state {{STATE_CLASS}}">{{STATE}}</span></td><td data-name="Scope">{{SCOPE}}</td><td class="number" data-name="Last used">{{#IS_USED}}<span title="{{LAST_USED_EXACT}}">{{LAST_USED}}</span>{{/IS_USED}}{{#IS_UNUSED}}<span class="muted">–</span>{{/IS_UNUSED}}</td><td class="number" data-name="Ends"><span title="{{EXPIRES_EXACT}}">{{EXPIRES}}</span></td><td class="number">{{#IS_ALIVE}}<form method="post" action="/settings/tokens/{{ID}}/revoke"><input type="hidden" name="csrf" value="{{CSRF}}"><button class="small" type="submit">Revoke</button></form>{{/IS_ALIVE}}</td></tr>
{{/ROW}}</tbody></table>{{/HAS_ROWS}}</section>
<div class="columns form-columns">
<form class="panel sheet" method="post" action="/settings/tokens" autocomplete="off"><input type="hidden" name="csrf" value="{{CSRF}}">
<fieldset><legend>A new token</legend>
<div class="field wide"><label for="name">Name</label><input id="name" name="name" maxlength="200" required placeholder="nightly report"></div>
<div class="field"><label for="scope">Scope</label><select id="scope" name="scope"><option value="read">read: sees what you see</option>{{#MAY_WRITE}}<option value="write">write: as a member</option>{{/MAY_WRITE}}{{#MAY_ADMINISTER}}<option value="admin">admin: everything you may</option>{{/MAY_ADMINISTER}}</select></div>
<div class="field"><label for="days">Ends in</label><select id="days" name="days">{{#LIFE}}<option value="{{DAYS}}"{{#IS_CURRENT}} selected{{/IS_CURRENT}}>{{DAYS}} days</option>{{/LIFE}}</select></div>
</fieldset><p class="actions"><button class="primary" type="submit">Make the token</button></p></form>
<form class="panel sheet" method="post" action="/settings/password"><input type="hidden" name="csrf" value="{{CSRF}}">
<fieldset><legend>Your password</legend>
<div class="field wide"><label for="current_password">Current password</label><input id="current_password" name="current_password" type="password" maxlength="1024" autocomplete="current-password" required></div>
<div class="field wide"><label for="new_password">New password <span class="muted">at least 10 characters</span></label><input id="new_password" name="new_password" type="password" minlength="10" maxlength="1024" autocomplete="new-password" required></div>
<div class="field wide check"><input id="revoke_api_tokens" name="revoke_api_tokens" type="checkbox" value="1"><label for="revoke_api_tokens">End my tokens, too</label></div>
</fieldset><p class="actions"><button class="primary" type="submit">Change the password</button></p></form>
</div>
