"""Everything made from the solved tree: markers, manifest, releases, audits. Imports no other room."""
