{{%AUTOESCAPE context="HTML"}}<h1 class="hidden">Storage</h1>
<nav class="presets" aria-label="Settings">{{#TAB}}<a href="{{LINK}}"{{#IS_CURRENT}} aria-current="true"{{/IS_CURRENT}}>{{LABEL}}</a>{{/TAB}}</nav>
{{#IS_SHARED}}<section class="panel empty"><h2>The size is not shown here</h2><p>This store serves several organizations. Its size, of all of them together, is in <code>/metrics</code>, for those who run Potto.</p></section>{{/IS_SHARED}}
{{#NO_SIZES}}<section class="panel empty"><h2>Not measured yet</h2><p>Potto's collector measures the store every few minutes while it runs.</p></section>{{/NO_SIZES}}
{{#IS_FULL}}<section class="notice bad" role="status"><p><strong>The store is full: it is larger than POTTO_STORE_BYTES_MAX ({{LIMIT}}). Agents are told to wait, and nothing is collected until it has room again.</strong></p></section>{{/IS_FULL}}
{{#HAS_SIZES}}<section class="tiles" aria-label="Totals">
<div class="tile"><h2>The store</h2><p class="tile-value">{{TOTAL}}</p><p class="tile-note muted">measured <span title="{{MEASURED_EXACT}}">{{MEASURED}}</span>{{#HAS_LIMIT}}; at most {{LIMIT}}{{/HAS_LIMIT}}</p></div>
<div class="tile"><h2>Growth a day</h2><p class="tile-value">{{GROWTH}}</p><p class="tile-note muted">over the last week</p></div>
<div class="tile"><h2>In a year</h2><p class="tile-value">{{YEAR}}</p><p class="tile-note muted">at this growth, with what retention takes away</p></div>
</section>
<section class="panel" aria-labelledby="sizes"><div class="panel-head"><h2 id="sizes">What it holds <span class="muted">tables with their indexes</span></h2></div>
<table class="rows"><thead><tr><th scope="col">Kind</th><th scope="col" class="number col-share">Share</th><th scope="col" class="number">Size</th><th scope="col" class="number">Rows <span class="muted">estimated</span></th><th scope="col" class="number">Oldest</th><th scope="col" class="number">Growth a day</th><th scope="col" class="number">In a year</th></tr></thead><tbody>
{{#GROUP}}<tr><td class="col-name"><strong>{{NAME}}</strong> <span class="row-foot muted">{{WHAT}}</span></td><td class="number col-share" data-name="Share"><span>{{SHARE}}</span><svg class="share" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="share-track" width="100" height="4"/><rect width="{{SHARE_WIDTH}}" height="4"/></svg></td><td class="number" data-name="Size">{{BYTES}}</td><td class="number" data-name="Rows">{{ROWS}}</td><td class="number" data-name="Oldest">{{#HAS_OLDEST}}<span title="{{OLDEST_EXACT}}">{{OLDEST}}</span>{{/HAS_OLDEST}}{{#NO_OLDEST}}<span class="muted">–</span>{{/NO_OLDEST}}</td><td class="number" data-name="Growth a day">{{GROWTH}}</td><td class="number" data-name="In a year">{{YEAR}}</td></tr>
{{/GROUP}}</tbody></table></section>{{/HAS_SIZES}}
<section class="panel" aria-labelledby="kept"><div class="panel-head"><h2 id="kept">How long it is kept</h2></div>
<table class="rows"><thead><tr><th scope="col">What</th><th scope="col" class="number">Kept</th><th scope="col">Setting</th></tr></thead><tbody>
{{#KEPT}}<tr><td class="col-name"><strong>{{WHAT}}</strong></td><td class="number" data-name="Kept">{{DAYS}}</td><td data-name="Setting"><code>{{NAME}}</code></td></tr>
{{/KEPT}}</tbody></table>
<p class="muted table-foot">Set where Potto's programs are started; whole days (UTC) are dropped at once.</p></section>
