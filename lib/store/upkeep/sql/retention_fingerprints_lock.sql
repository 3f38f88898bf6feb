-- Writers of statements have committed when this is granted, and wait until its transaction ends.
LOCK TABLE query_fingerprints IN SHARE ROW EXCLUSIVE MODE
