-- What a system before Potto found out about a sample, newest first, as an array of JSON; NULL if nothing. A finding of
-- more than 256 KiB is left out.
-- $1 organization, $2 visible connections, $3 sample.
-- returns: findings text
SELECT json_agg(found.finding ORDER BY found.analyzed_at DESC)::text AS findings
FROM (SELECT finding.analyzed_at,
             json_build_object('problem', finding.problem, 'root_cause', finding.root_cause,
                               'suggestions', finding.suggestions, 'improvement_level', finding.improvement_level,
                               'confidence_score', finding.confidence_score,
                               'analysis_metadata', finding.analysis_metadata,
                               'analyzed_at', to_char(finding.analyzed_at::timestamptz AT TIME ZONE 'UTC',
                                                      'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) AS finding
      FROM analysis_result AS finding
      WHERE finding.slow_query_id = $3::bigint
        AND finding.organization_id = $1::bigint -- scope
        AND finding.database_connection_id = ANY ($2::bigint[]) -- scope
      ORDER BY finding.analyzed_at DESC
      LIMIT 20) AS found
WHERE length(found.finding::text) <= 262144
