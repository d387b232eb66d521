select copy, version from projections.copies where name = $1 and state = 'live'
