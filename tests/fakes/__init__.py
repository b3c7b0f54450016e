"""Servers and clocks that the tests run against: real sockets on 127.0.0.1, the providers' real rules."""
