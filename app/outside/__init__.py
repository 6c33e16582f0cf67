"""What goes outside: messages that follow from an act and were committed with it.

For: webhooks now; mail, SFTP and signing services join here.
Not for: banks' own protocols (bank_adapters), or deciding what to send (the outbox row says).
"""
