{{%AUTOESCAPE context="HTML"}}{{>HEAD}}</head>
<body class="bare">
<main class="bare-main">
<p class="brand"><svg class="mark" viewBox="0 0 28 16" aria-hidden="true"><circle cx="7" cy="8" r="6"/><circle cx="21" cy="8" r="6"/></svg><span>Potto</span></p>
<h1>Sign in</h1>
<p class="muted">See which queries are slow, and why.</p>
{{#HAS_PROBLEM}}<p class="notice bad" role="alert">{{PROBLEM}}</p>{{/HAS_PROBLEM}}
<form method="post" action="/login">
<input type="hidden" name="next" value="{{NEXT}}">
<label for="email">Email</label>
<input id="email" name="email" type="email" autocomplete="username" required maxlength="254" value="{{EMAIL}}"{{#IS_FIRST_TRY}} autofocus{{/IS_FIRST_TRY}}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1024"{{#IS_RETRY}} autofocus{{/IS_RETRY}}>
<button class="primary" type="submit">Sign in</button>
</form>
</main>
</body>
</html>
