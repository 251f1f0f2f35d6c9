"""A Modbus device that answers each read of holding registers with a number that grows. Ends only when it is killed.

usage: register_device.py PORT
"""
import socketserver
import struct
import sys
import threading

REQUEST_BYTES = 12


class Handler(socketserver.StreamRequestHandler):
    answered = 0
    lock = threading.Lock()

    def handle(self):
        while len(request := self.rfile.read(REQUEST_BYTES)) == REQUEST_BYTES:
            transaction, _, _, unit, function, _, count = struct.unpack(">HHHBBHH", request)
            with Handler.lock:
                Handler.answered += 1
                values = struct.pack(">H", Handler.answered & 0xFFFF).ljust(2 * count, b"\0")
            self.wfile.write(struct.pack(">HHHBBB", transaction, 0, 3 + len(values), unit, function, len(values)) + values)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
