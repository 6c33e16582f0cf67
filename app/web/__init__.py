"""Pages: for payers without signing in, and for staff behind two factors.

For: blueprints that read a form, open the unit of work, call one front and render a template.
Not for: rules of the office, or JSON for programs (app/api).
"""
