-- What collectors last found out about the language model. Calls a privileged function.
-- returns: status text, kind text, model text, has_model boolean, checked_at timestamptz, problem text
SELECT status, kind, model, has_model, checked_at, problem FROM llm_told()
