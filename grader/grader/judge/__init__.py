"""From submission bytes to a report: intake, composition, the box, the protocol, comparison, verdicts."""
