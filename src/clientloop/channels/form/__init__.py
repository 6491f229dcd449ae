"""A form on the firm's own pages: declared as data, rendered as accessible HTML, read under limits, proved by tokens.

An application declares its forms, makes one `FormChannel` of them, and mounts `apps.WsgiForm` or `apps.AsgiForm` under
an address of its site. No script is needed, and none is used.
"""
