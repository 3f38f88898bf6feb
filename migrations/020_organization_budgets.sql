-- As connection_spending, of all connections of an organization together.
CREATE TABLE organization_spending (
    organization_id bigint PRIMARY KEY REFERENCES organizations ON DELETE CASCADE,
    bytes           double precision NOT NULL,
    row_count       double precision NOT NULL,
    statements      double precision NOT NULL,
    counted_at      timestamptz NOT NULL
) WITH (fillfactor = 50);
SELECT potto_row_policy('organization_spending', '');
