"""A bad line between two network interfaces: what comes in at one goes out at the other, later, out of order, or never.

    bad_line.py ONE OTHER DELAY_MS JITTER_MS LOSS_PERCENT SEED

Each UDP packet is held for DELAY more or less JITTER, and LOSS of a hundred are gone, both ways. Other frames, which ask who has an address, pass at
once: routers know their neighbours. Says `up` and carries until it is ended.
"""

import heapq
import itertools
import random
import select
import socket
import sys
import time

DELAY, JITTER, LOSS = (float(word) for word in sys.argv[3:6])
EVERY_PROTOCOL, SENT_BY_US, FORCE_ROOM = 3, 4, 33
IPV4, UDP = b"\x08\x00", 17


def interface(name):
    opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(EVERY_PROTOCOL))
    opened.setsockopt(socket.SOL_SOCKET, FORCE_ROOM, 32 << 20)
    opened.bind((name, 0))
    opened.setblocking(False)
    return opened


def arrivals(at):
    while True:
        try:
            frame, (_, _, kind, *_) = at.recvfrom(4096)
        except BlockingIOError:
            return
        if kind != SENT_BY_US:
            yield frame


def without_checksum(frame):
    """Zero says that there is none (RFC 768): the sender left it to a network card that is not there."""
    header = 14 + 4 * (frame[14] & 15)
    is_first = not (frame[20] & 31 or frame[21])
    return frame[: header + 6] + b"\0\0" + frame[header + 8 :] if is_first else frame


one, other = interface(sys.argv[1]), interface(sys.argv[2])
opposite = {one: other, other: one}
chance, numbers, waiting = random.Random(int(sys.argv[6])), itertools.count(), []
print("up", flush=True)
while True:
    patience = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
    readable, _, _ = select.select([one, other], [], [], patience)
    for at in readable:
        for frame in arrivals(at):
            if frame[12:14] != IPV4 or frame[23] != UDP:
                opposite[at].send(frame)
            elif chance.random() * 100 >= LOSS:
                due = time.monotonic() + (DELAY + chance.uniform(-JITTER, JITTER)) / 1000
                heapq.heappush(waiting, (due, next(numbers), opposite[at], without_checksum(frame)))
    while waiting and waiting[0][0] <= time.monotonic():
        _, _, out, frame = heapq.heappop(waiting)
        out.send(frame)
