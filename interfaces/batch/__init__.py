"""Many songs after many references: found, mixed one by one, told in a table; on Ray where there is more than one."""
