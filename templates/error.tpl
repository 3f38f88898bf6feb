{{%AUTOESCAPE context="HTML"}}{{>HEAD}}</head>
<body class="bare">
<main class="bare-main">
<p class="brand"><svg class="mark" viewBox="0 0 28 16" aria-hidden="true"><circle cx="7" cy="8" r="6"/><circle cx="21" cy="8" r="6"/></svg><span>Potto</span></p>
<p class="muted code">{{CODE}}</p>
<h1>{{NAME}}</h1>
<p>{{MESSAGE}}</p>
<ul class="fields">{{#FIELD}}<li><code>{{NAME}}</code> {{MESSAGE}}</li>{{/FIELD}}</ul>
<p class="muted">{{ADVICE}}</p>
<p class="actions">{{#IS_SIGNED_IN}}<a class="button primary" href="/">To the overview</a>{{/IS_SIGNED_IN}}{{#IS_SIGNED_OUT}}<a class="button primary" href="/login">To sign in</a>{{/IS_SIGNED_OUT}}</p>
<p class="muted fine">Request <code>{{REQUEST_ID}}</code></p>
</main>
</body>
</html>
