"""Who works: members, absences, routing, tasks."""
