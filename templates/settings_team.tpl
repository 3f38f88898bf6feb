{{%AUTOESCAPE context="HTML"}}<h1 class="hidden">{{NAME}}</h1>
<nav class="presets" aria-label="Settings">{{#TAB}}<a href="{{LINK}}"{{#IS_CURRENT}} aria-current="true"{{/IS_CURRENT}}>{{LABEL}}</a>{{/TAB}}</nav>
{{#HAS_DONE}}<p class="notice good" role="status">{{DONE}}</p>{{/HAS_DONE}}
{{#HAS_PROBLEM}}<div class="notice bad" role="alert">{{PROBLEM}}{{#FIELD}}<p>{{NAME}} {{MESSAGE}}</p>{{/FIELD}}</div>{{/HAS_PROBLEM}}
{{#NO_ROWS}}<section class="panel empty"><h2>Nobody is in this team</h2></section>{{/NO_ROWS}}
{{#HAS_ROWS}}<section class="panel"><table class="rows"><thead><tr><th scope="col">Who</th><th scope="col">Role</th><th scope="col" class="number">Since</th><th scope="col"><span class="hidden">Remove</span></th></tr></thead><tbody>
{{#ROW}}<tr><td class="col-name"><strong>{{EMAIL}}</strong> {{#IS_INACTIVE}}<span class="tag warn">deactivated</span>{{/IS_INACTIVE}}<span class="row-foot muted">{{DISPLAY_NAME}}</span></td><td data-name="Role">{{ROLE}}</td><td class="number" data-name="Since"><span title="{{SINCE_EXACT}}">{{SINCE}}</span></td><td class="number"><form method="post" action="{{PATH}}"><input type="hidden" name="csrf" value="{{CSRF}}"><input type="hidden" name="user_id" value="{{USER_ID}}"><button class="small" name="action" value="remove" type="submit">Remove</button></form></td></tr>
{{/ROW}}</tbody></table></section>{{/HAS_ROWS}}
<div class="columns form-columns">
<form class="panel sheet" method="post" action="{{PATH}}"><input type="hidden" name="csrf" value="{{CSRF}}">
<fieldset><legend>A new member</legend><div class="field wide"><label for="user_id">Who</label><select id="user_id" name="user_id">{{#USER}}<option value="{{ID}}">{{EMAIL}}</option>{{/USER}}</select></div></fieldset>
<p class="actions"><button class="primary" name="action" value="add" type="submit">Add</button></p></form>
<form class="panel sheet" method="post" action="{{PATH}}"><input type="hidden" name="csrf" value="{{CSRF}}">
<fieldset><legend>The team</legend><div class="field wide"><label for="name">Name</label><input id="name" name="name" value="{{NAME}}" maxlength="200" required></div></fieldset>
<p class="actions"><button class="primary" name="action" value="rename" type="submit">Rename</button> <button name="action" value="delete" type="submit">Delete the team</button></p></form>
</div>
