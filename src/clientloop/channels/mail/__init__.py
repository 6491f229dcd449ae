"""E-mail: mails are composed and handed over, fetched and read, and what became of them is found out.

::

    channel           settings, effects, and the parts below put together; `config`: the settings
    ├── composing     a message -> bytes of a mail
    │   ├── written   header fields; `addresses`: whom mails go to
    │   └── rendering   the text as HTML; `phrases`: the words of our own
    ├── naming        the id of a mail, and the address to which reports on it go
    ├── links         our own links in mails; `pages`: what they lead to
    ├── receipts      what a server's answer means
    └── cursors       how far a folder was read

    Reading is pure: bytes come in and events of the channel port come out, without I/O or a clock.

    incoming          bytes of a mail -> events, or BadPayload
    ├── reading       one mail, taken apart
    │   ├── parts     the tree of MIME parts, under the limits
    │   ├── headers   the header fields, and `fields`, `words`, `dates`, `mailboxes`: what is in them
    │   ├── charsets  bytes to text; `transfer`: base64 and quoted-printable undone
    │   └── markup    HTML to text
    ├── automatic     whether a machine wrote it, and how that was seen
    ├── reports       what became of a mail that was sent; `loose`: such reports in free text
    ├── replies       what is new in an answer, by the tables of `quoting`
    └── authentication  how far the sender is proved

Everything takes time in proportion to the size of the mail, whatever is in it. The modules of the standard library for
the values of header fields and for HTML do not (20 KB of quotes take 3 s there), so they are not used.
"""
