SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'potto_api')
