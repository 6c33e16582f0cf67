"""HTTP, pages, command line, worker and wiring; imports everyone, imported by nobody."""
