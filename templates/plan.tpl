{{%AUTOESCAPE context="HTML"}}<article class="plan">
<p class="muted plan-about">On {{DATABASE}} · {{PROVENANCE}} · total cost {{COST}} · seen <span title="{{LAST_SEEN_EXACT}}">{{LAST_SEEN}}</span>, first <span title="{{FIRST_SEEN_EXACT}}">{{FIRST_SEEN}}</span></p>
{{>TREE}}
{{#NO_TREE}}<p>This plan is of a kind that cannot be drawn as a tree yet; here it is as the engine gave it.</p>{{/NO_TREE}}
<details class="raw"><summary>The plan as JSON</summary><div class="copyable"><pre class="code" data-copy-source>{{RAW:pre_escape}}</pre><button class="copy small" type="button" data-copy data-needs-script>Copy</button></div>{{#IS_CUT}}<p class="muted">Cut; the whole of it is in the API.</p>{{/IS_CUT}}</details>
</article>
