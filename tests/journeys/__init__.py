"""Whole journeys over real HTTP and real processes."""
