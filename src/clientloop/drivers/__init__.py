"""What carries out the effects that channels yield: HTTP calls, mails to send, mailboxes to look into.

`clientloop.drivers.performing` has the two objects that an application needs, `Drivers` and, for asynchronous hosts,
`AsyncDrivers`. Below them:

- `sockets`: connections whose answers have a bounded time and size, to addresses that may be called;
- `failures`: what a failure says of itself, without secrets;
- `http`: a request and its answer; `http_sync` and `http_async`: the two ways to make a call;
- `smtp`: one mail handed over;
- `imap`: the new mails of a folder, and waiting for them; `imap_client`: what that is said over.
"""
