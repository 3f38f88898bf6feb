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
