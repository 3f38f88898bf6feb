{{%AUTOESCAPE context="HTML"}}<section class="charts" aria-label="Charts" data-charts>
{{#CHART}}<figure class="chart chart-{{KEY}}{{#IS_TALL}} tall{{/IS_TALL}}" data-chart="{{KEY}}">
<figcaption><span class="chart-name">{{NAME}}</span> <span class="muted">{{NOTE}}</span><output class="chart-read" aria-hidden="true"></output></figcaption>
<div class="chart-box">
<div class="chart-drawing" role="img" aria-label="{{NAME}}, {{NOTE}}: chart. The same as a table is below.">
<svg class="axis-y" aria-hidden="true">{{#VALUE_MARK}}<text x="100%" y="{{Y}}" text-anchor="end" dy="4">{{LABEL}}</text>{{/VALUE_MARK}}</svg>
<svg class="grid" aria-hidden="true">{{#VALUE_MARK}}<line x1="0" x2="100%" y1="{{Y}}" y2="{{Y}}"/>{{/VALUE_MARK}}</svg>
<svg class="plot" viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true">{{#PLAIN}}<path class="area" d="{{AREA}}"/><path class="line" d="{{LINE}}" vector-effect="non-scaling-stroke"/>{{/PLAIN}}{{#LAYER}}<path class="layer layer-{{LAYER_KEY}}" d="{{AREA}}"/>{{/LAYER}}</svg>
<svg class="axis-x" aria-hidden="true">{{#TIME_MARK}}<text x="{{X}}" y="14" text-anchor="{{ANCHOR}}">{{LABEL}}</text>{{/TIME_MARK}}</svg>
{{#IS_EMPTY}}<p class="chart-empty">Nothing in this period</p>{{/IS_EMPTY}}
</div>
</div>{{#LEGEND}}
<ul class="legend">{{#LAYER_NAME}}<li class="layer-{{LAYER_KEY}}">{{LAYER}}</li>{{/LAYER_NAME}}</ul>{{/LEGEND}}
</figure>{{/CHART}}
<details class="chart-table"><summary>The charts as a table <span class="muted">intervals of {{BUCKET}}, times in UTC</span></summary>
<div class="scroll" tabindex="0" role="region" aria-label="Charts as a table"><table>
<thead><tr><th scope="col">From</th>{{#TABLE_HEAD}}<th scope="col" class="number">{{NAME}} <span class="muted">{{NOTE}}</span></th>{{/TABLE_HEAD}}</tr></thead>
<tbody>{{#TABLE_ROW}}<tr><th scope="row"><span title="{{TIME_EXACT}}">{{TIME}}</span></th>{{#TABLE_CELL}}<td class="number">{{VALUE}}</td>{{/TABLE_CELL}}</tr>{{/TABLE_ROW}}</tbody>
</table></div></details>
{{! Our own JSON writer escapes what HTML would take for markup. }}
<script type="application/json" data-chart-data>{{JSON:none}}</script>
</section>
