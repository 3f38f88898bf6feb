-- A transaction, sent together with what it begins with.
BEGIN
