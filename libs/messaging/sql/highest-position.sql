select max(position) as position from messaging.streams where consumer = $1
