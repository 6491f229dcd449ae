"""The built-in declarations: processes, relationship models, surveys, journeys. Data, no logic."""
