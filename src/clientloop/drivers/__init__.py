"""What carries out the effects that channels yield: HTTP calls, mails to send, mailboxes to look into.

`clientloop.drivers.performing` has the two objects that an application needs, `Drivers` and, for asynchronous hosts,
`AsyncDrivers`. Below them:

- `sockets`: connections whose answers have a bounded time and size, to addresses that may be called;
- `failures`: what a failure says of itself, without secrets;
- `http`, `http_async`: one request and its answer;
- `smtp`: one mail handed over;
- `imap`: the new mails of a folder, and waiting for them.
"""
