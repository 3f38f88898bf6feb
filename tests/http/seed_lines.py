"""Lines from a predecessor's documents that people paste into a shell; the tests put in address and token."""

REGISTER_LINE = """curl -X POST http://localhost:8000/api/v1/collectors/register \\
  -H "Content-Type: application/json" \\
  -d '{
    "agent_token": "agt_YOUR_TOKEN_HERE",
    "hostname": "test-collector-01",
    "version": "1.0.0"
  }'"""
INGEST_LINE = """curl -X POST http://localhost:8000/api/v1/collectors/ingest/slow-queries \\
  -H "Content-Type: application/json" \\
  -d '{
    "agent_token": "agt_YOUR_TOKEN_HERE",
    "queries": [{
      "fingerprint": "SELECT * FROM users WHERE id = ?",
      "full_sql": "SELECT * FROM users WHERE id = 123",
      "duration_ms": 1250.5,
      "rows_examined": 10000,
      "rows_returned": 1,
      "captured_at": "2025-11-02T10:30:00Z"
    }]
  }'"""
CREATE_CONNECTION_LINE = """curl -X POST http://localhost:8000/api/connections \\
  -H "Content-Type: application/json" \\
  -d '{
    "name": "Test PostgreSQL",
    "engine": "postgresql",
    "host": "localhost",
    "port": 5432,
    "database": "testdb",
    "username": "postgres",
    "password": "password",
    "ssl_enabled": false,
    "monitoring_enabled": true
  }'"""
# What they ask for is not built yet.
LINES_NOT_BUILT = [
    """curl -X POST http://localhost:8000/api/optimizer/optimize \\
  -H "Content-Type: application/json" \\
  -d '{
    "connection_id": 1,
    "sql_query": "SELECT * FROM users WHERE email = '\\''test@example.com'\\''",
    "include_execution_plan": true
  }'""",
    """curl -X POST http://localhost:8001/api/v1/query-agent \\
  -H "Content-Type: application/json" \\
  -d '{
    "prompt": "Show me top 10 app ratings",
    "dataset_id": "falcon_bigquery"
  }'""",
    """curl -X POST http://localhost:8001/api/v1/investigate \\
  -H "Content-Type: application/json" \\
  -d '{
    "query": "Why is payment service slow in production?",
    "context": {
      "environment": "production",
      "time_range": {
        "start": "2026-01-15T10:00:00Z",
        "end": "2026-01-15T11:00:00Z"
      },
      "services": ["payment-service"]
    }
  }'""",
]
