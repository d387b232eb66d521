select message_id from messaging.parked where consumer = $1 and message_id = any($2::text[])
