update messaging.parked set dead_letter = 'published' where number = any($1::bigint[])
