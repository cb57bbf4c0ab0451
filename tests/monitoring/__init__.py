"""Real Prometheus and Alertmanager: rules, and faults that make them fire."""
