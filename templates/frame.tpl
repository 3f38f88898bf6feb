{{%AUTOESCAPE context="HTML"}}{{>HEAD}}<script src="{{SCRIPT_URL}}" type="module"></script>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<nav class="rail" aria-label="Main">
<a class="brand" href="/"><svg class="mark" viewBox="0 0 28 16" aria-hidden="true"><circle cx="7" cy="8" r="6"/><circle cx="21" cy="8" r="6"/></svg><span>Potto</span></a>
<ul>
<li><a href="{{OVERVIEW_LINK}}"{{#IN_OVERVIEW}} aria-current="page"{{/IN_OVERVIEW}}><svg viewBox="0 0 20 20" aria-hidden="true"><path d="M2.5 11h3l2-6 4 11 2.5-7 1 2h2.5"/></svg><span>Overview</span></a></li>
<li><a href="{{QUERIES_LINK}}"{{#IN_QUERIES}} aria-current="page"{{/IN_QUERIES}}><svg viewBox="0 0 20 20" aria-hidden="true"><path d="M3 5h14M3 10h9M3 15h5"/></svg><span>Queries</span></a></li>
<li><a href="{{DATABASES_LINK}}"{{#IN_DATABASES}} aria-current="page"{{/IN_DATABASES}}><svg viewBox="0 0 20 20" aria-hidden="true"><ellipse cx="10" cy="5" rx="6.5" ry="2.5"/><path d="M3.5 5v10c0 1.4 2.9 2.5 6.5 2.5s6.5-1.1 6.5-2.5V5M3.5 10c0 1.4 2.9 2.5 6.5 2.5s6.5-1.1 6.5-2.5"/></svg><span>Databases</span></a></li>
<li><a href="{{MONGODB_LINK}}"{{#IN_MONGODB}} aria-current="page"{{/IN_MONGODB}}><svg viewBox="0 0 20 20" aria-hidden="true"><path d="M10 2.5c3 2.9 4.5 5.4 4.5 8 0 2.9-1.9 5-4.5 5.5-2.6-.5-4.5-2.6-4.5-5.5 0-2.6 1.5-5.1 4.5-8zM10 8v9.5"/></svg><span>MongoDB</span></a></li>
<li><a href="{{COLLECTORS_LINK}}"{{#IN_COLLECTORS}} aria-current="page"{{/IN_COLLECTORS}}><svg viewBox="0 0 20 20" aria-hidden="true"><circle cx="10" cy="10" r="2.5"/><path d="M5.4 14.6a6.5 6.5 0 0 1 0-9.2M14.6 5.4a6.5 6.5 0 0 1 0 9.2"/></svg><span>Collectors</span></a></li>
<li><a href="{{SETTINGS_LINK}}"{{#IN_SETTINGS}} aria-current="page"{{/IN_SETTINGS}}><svg viewBox="0 0 20 20" aria-hidden="true"><path d="M3 6h7M14 6h3M3 14h3M10 14h7"/><circle cx="12" cy="6" r="2"/><circle cx="8" cy="14" r="2"/></svg><span>Settings</span></a></li>
<li><a href="/docs"><svg viewBox="0 0 20 20" aria-hidden="true"><path d="M7 5 2.5 10 7 15M13 5l4.5 5-4.5 5"/></svg><span>API</span></a></li>
</ul>
<div class="rail-foot">
<button class="theme-switch" type="button" data-theme-switch data-needs-script><svg viewBox="0 0 20 20" aria-hidden="true"><circle cx="10" cy="10" r="6.5"/><path class="fill" d="M10 3.5a6.5 6.5 0 0 1 0 13z"/></svg><span data-theme-label></span></button>
<form method="post" action="/logout"><input type="hidden" name="csrf" value="{{CSRF}}"><button type="submit" title="Signed in as {{EMAIL}}"><svg viewBox="0 0 20 20" aria-hidden="true"><path d="M8 4H4.5v12H8M12.5 6.5 16 10l-3.5 3.5M16 10H8"/></svg><span>Sign out</span></button></form>
<p class="who" title="{{EMAIL}}">{{EMAIL}}</p>
</div>
</nav>
<div class="stage">
<header class="bar">
<p class="bar-title">{{#IS_BELOW}}<a href="{{SECTION_LINK}}">{{SECTION_NAME}}</a> <span class="muted" aria-hidden="true">/</span> {{/IS_BELOW}}{{TITLE}}</p>
<div class="bar-tools">
{{#DATABASE}}<form class="pick" method="get" action="{{PATH}}" data-auto-submit>
{{#HIDDEN}}<input type="hidden" name="{{NAME}}" value="{{VALUE}}">{{/HIDDEN}}
<label class="hidden" for="pick-database">Database</label>
<select id="pick-database" name="connection_id"><option value="">All databases</option>{{#OPTION}}<option value="{{ID}}"{{#IS_CURRENT}} selected{{/IS_CURRENT}}>{{NAME}}</option>{{/OPTION}}</select>
<button class="small" type="submit" data-script-hides>Show</button>
</form>{{/DATABASE}}
{{#PERIOD}}<nav class="presets" aria-label="Period">{{#PRESET}}<a href="{{LINK}}"{{#IS_CURRENT}} aria-current="true"{{/IS_CURRENT}}>{{LABEL}}</a>{{/PRESET}}
<details class="custom"{{#IS_CUSTOM}} data-current{{/IS_CUSTOM}} data-popover><summary>{{CUSTOM_LABEL}}</summary>
<form class="popover" method="get" action="{{PATH}}">
{{#HIDDEN}}<input type="hidden" name="{{NAME}}" value="{{VALUE}}">{{/HIDDEN}}
<label>From <span class="unit">UTC</span><input type="datetime-local" name="from" value="{{FROM_INPUT}}" required></label>
<label>To <span class="unit">UTC</span><input type="datetime-local" name="to" value="{{TO_INPUT}}" required></label>
<button class="primary" type="submit">Show this period</button>
</form></details></nav>{{/PERIOD}}
</div>
</header>
<main id="main" tabindex="-1"{{#IS_LIVE}} data-live{{/IS_LIVE}}>
{{#ROLLUPS_LATE}}<section class="notice warn" role="status"><p>Numbers up to <time title="{{COMPLETE_UNTIL_EXACT}}">{{COMPLETE_UNTIL}} UTC</time> are complete; newer ones are being added up.</p></section>
{{/ROLLUPS_LATE}}{{>BODY}}
</main>
</div>
</body>
</html>
