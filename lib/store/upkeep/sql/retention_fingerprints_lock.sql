-- When this lock is granted, all writers of statements have committed; later ones wait until the transaction ends.
LOCK TABLE query_fingerprints IN SHARE ROW EXCLUSIVE MODE
