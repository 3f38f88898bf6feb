{{%AUTOESCAPE context="HTML"}}<section class="panel" aria-labelledby="plan-changes"><div class="panel-head"><h2 id="plan-changes">Changes of plan</h2></div>
<table class="rows plan-steps"><thead><tr><th scope="col">What changed</th><th scope="col">When <span class="muted">UTC</span></th><th scope="col">Database</th><th scope="col" class="number">Mean before</th><th scope="col" class="number">after</th><th scope="col">Time</th></tr></thead><tbody>
{{#STEP}}<tr{{#IS_CURRENT}} class="current"{{/IS_CURRENT}}><td class="col-name">{{#HAS_LINK}}<a href="{{LINK}}#plan-changes"{{#IS_CURRENT}} aria-current="true"{{/IS_CURRENT}}>{{SENTENCE}}</a>{{/HAS_LINK}}{{#NO_LINK}}{{SENTENCE}}{{/NO_LINK}}{{#MORE}} <span class="muted">and {{COUNT}} more</span>{{/MORE}}</td><td data-name="When"><span title="{{WHEN_EXACT}}">{{WHEN}}</span></td><td data-name="Database">{{DATABASE}}</td><td class="number" data-name="Mean before">{{MEAN_BEFORE}}</td><td class="number" data-name="Mean after">{{MEAN_AFTER}}</td><td data-name="Time"><span class="state {{DIFFERENCE_CLASS}}">{{DIFFERENCE}}</span></td></tr>
{{/STEP}}</tbody></table>{{#HAS_MORE}}<p class="muted table-foot">The newest {{COUNT}}. The API has the others.</p>{{/HAS_MORE}}
{{#COMPARED}}<div class="plan-compared">
<h3>Two plans on {{DATABASE}}, <span title="{{WHEN_EXACT}}">{{WHEN}}</span></h3>
{{#IS_SAME}}<p>Both do the same steps on the same relations by the same indexes; they differ in names alone.</p>{{/IS_SAME}}
<ul class="plan-changes">{{#CHANGE}}<li><span class="tag">{{KIND}}</span> {{SENTENCE}}</li>{{/CHANGE}}{{#MORE_CHANGES}}<li class="muted">and {{COUNT}} more</li>{{/MORE_CHANGES}}</ul>
<h3>Why</h3>
<ul class="plan-changes">{{#REASON}}<li>{{SENTENCE}}</li>{{/REASON}}</ul>
<h3>Time</h3>
<p>{{EFFECT}}{{#PERCENTILES}} 95th percentile {{BEFORE}} before and {{AFTER}} after, of {{COUNT_BEFORE}} and {{COUNT_AFTER}} executions seen within a day of it.{{/PERCENTILES}}{{#NO_PERCENTILES}} Counters alone know no percentiles.{{/NO_PERCENTILES}}</p>
{{#HAS_RELATIONS}}<h3>Estimates</h3>
<table class="rows plan-relations"><thead><tr><th scope="col">Relation</th><th scope="col" class="number">Rows before</th><th scope="col" class="number">after</th><th scope="col" class="number">Cost before</th><th scope="col" class="number">after</th></tr></thead><tbody>
{{#RELATION}}<tr><td class="col-name"><code>{{NAME}}</code></td><td class="number" data-name="Rows before">{{ROWS_BEFORE}}</td><td class="number" data-name="Rows after">{{ROWS_AFTER}}</td><td class="number" data-name="Cost before">{{COST_BEFORE}}</td><td class="number" data-name="Cost after">{{COST_AFTER}}</td></tr>
{{/RELATION}}</tbody></table>{{#MORE_RELATIONS}}<p class="muted table-foot">and {{COUNT}} more</p>{{/MORE_RELATIONS}}{{/HAS_RELATIONS}}
<div class="plan-pair">{{#SIDE}}<article class="plan-side"><h3>{{TITLE}}</h3><p class="muted plan-about">{{PROVENANCE}} · total cost {{COST}} · seen from <span title="{{FIRST_SEEN_EXACT}}">{{FIRST_SEEN}}</span> to <span title="{{LAST_SEEN_EXACT}}">{{LAST_SEEN}}</span></p>
{{>TREE}}</article>{{/SIDE}}</div>
</div>{{/COMPARED}}
</section>
