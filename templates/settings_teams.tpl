{{%AUTOESCAPE context="HTML"}}<h1 class="hidden">Teams</h1>
<nav class="presets" aria-label="Settings">{{#TAB}}<a href="{{LINK}}"{{#IS_CURRENT}} aria-current="true"{{/IS_CURRENT}}>{{LABEL}}</a>{{/TAB}}</nav>
{{#HAS_DONE}}<p class="notice good" role="status">{{DONE}}</p>{{/HAS_DONE}}
{{#HAS_PROBLEM}}<div class="notice bad" role="alert">{{PROBLEM}}{{#FIELD}}<p>{{NAME}} {{MESSAGE}}</p>{{/FIELD}}</div>{{/HAS_PROBLEM}}
{{#NO_ROWS}}<section class="panel empty"><h2>There is no team</h2><p>Databases are seen by the members of their team.</p></section>{{/NO_ROWS}}
{{#HAS_ROWS}}<section class="panel"><table class="rows"><thead><tr><th scope="col">Team</th><th scope="col" class="number">Members</th><th scope="col" class="number">Databases</th><th scope="col" class="number">Since</th></tr></thead><tbody>
{{#ROW}}<tr><td class="col-name"><a class="row-link" href="{{LINK}}"><strong>{{NAME}}</strong></a></td><td class="number" data-name="Members">{{MEMBERS}}</td><td class="number" data-name="Databases">{{CONNECTIONS}}</td><td class="number" data-name="Since"><span title="{{CREATED_EXACT}}">{{CREATED}}</span></td></tr>
{{/ROW}}</tbody></table>{{#HAS_MORE}}<p class="table-foot"><a href="{{MORE_LINK}}">More</a></p>{{/HAS_MORE}}</section>{{/HAS_ROWS}}
<form class="panel sheet" method="post" action="/settings/teams" autocomplete="off"><input type="hidden" name="csrf" value="{{CSRF}}">
<fieldset><legend>A new team</legend><div class="field wide"><label for="name">Name</label><input id="name" name="name" maxlength="200" required></div></fieldset>
<p class="actions"><button class="primary" type="submit">Make the team</button></p></form>
