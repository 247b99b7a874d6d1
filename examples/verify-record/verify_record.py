#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second verifier of a record folder: Python's standard library, and `cryptography` for Ed25519.

    python3 verify_record.py FOLDER [--policy FILE] [--json]

It hashes level by level, where sluice-verify.mjs goes tile by tile. Checked are signatures, witness quorum, tiles,
bundles, kept checkpoints, documents, and the times of entries; not what else entries say.
"""

import base64
import hashlib
import json
import os
import re
import sys
from datetime import datetime, timedelta

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    Ed25519PublicKey = None

EXIT = {"verified": 0, "tampered": 1, "usage": 2, "incomplete": 4}


class Fault(Exception):
    """`index` is the first entry concerned, None where no entry can be named."""

    def __init__(self, message, index=None, result="tampered"):
        super().__init__(message)
        self.result, self.index = result, index


def sha256(data):
    return hashlib.sha256(data).digest()


def read(path):
    if not os.path.isfile(path):
        raise Fault(f"{path} is not here", result="incomplete")
    with open(path, "rb") as file:
        return file.read()


def canonical_base64(text):
    try:
        data = base64.b64decode(text)  # lenient, hence the way back
    except ValueError:
        data = b""
    if base64.b64encode(data).decode() != text:
        raise Fault("base64 is not canonical")
    return data


class Key:
    def __init__(self, vkey):
        self.name, self.id, data = (vkey.split("+", 2) + ["", ""])[:3]
        data = canonical_base64(data)
        if len(data) != 33 or sha256(self.name.encode() + b"\n" + data)[:4].hex() != self.id:
            raise Fault(f"not a verifier key, or its id is of another: {vkey}", result="usage")
        self.type, self.public = data[0], data[1:]

    def verifies(self, body, signature):
        if self.type == 4:
            seconds = int.from_bytes(signature[:8], "big")
            body = f"cosignature/v1\ntime {seconds}\n".encode() + body
        try:
            if len(signature) != (72 if self.type == 4 else 64):
                return False
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature[-64:], body)
        except InvalidSignature:
            return False
        return True


class Policy:
    def __init__(self, text):
        self.logs, self.members, self.quorum = [], {"none": (0, [])}, None
        lines = [line.split() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
        for word, name, *rest in [line + [""] * (2 - len(line)) for line in lines]:
            if word == "log":
                self.logs.append(Key(name))
            elif word == "witness" and rest:
                self.members[name] = Key(rest[0])
            elif word == "group" and len(rest) > 1 and all(one in self.members for one in rest[1:]):
                self.members[name] = (int({"all": len(rest) - 1, "any": 1}.get(rest[0], rest[0])), rest[1:])
            elif word == "quorum" and self.quorum is None and name in self.members:
                self.quorum = name
            else:
                raise Fault(f"policy: not understood: {word} {name}", result="usage")
        if self.quorum is None:
            raise Fault("policy: no quorum line", result="usage")
        self.keys = self.logs + [one for one in self.members.values() if isinstance(one, Key)]

    def met(self, signers, name=None):
        member = self.members[name or self.quorum]
        if isinstance(member, Key):
            return member in signers
        return sum(self.met(signers, one) for one in member[1]) >= member[0]


def open_checkpoint(data, policy, name):
    """(origin, size, root, witnesses, whether the quorum signed, lines of unknown keys)"""
    body, _, rest = data.rpartition(b"\n\n")
    body += b"\n"
    if not rest.endswith(b"\n") or re.search("[\x00-\x09\x0b-\x1f\ufffd]", data.decode(errors="replace")):
        raise Fault(f"{name}: not a signed note")
    signers, unknown = [], 0
    for line in rest[:-1].decode().split("\n"):
        match = re.fullmatch(r"— ([^+\s]+) (\S+)", line)
        if match is None:
            raise Fault(f"{name}: a signature line is malformed")
        signature = canonical_base64(match[2])
        known = [one for one in policy.keys if one.name == match[1] and one.id == signature[:4].hex()]
        if not known:
            unknown += 1
        elif known[0].verifies(body, signature[4:]):
            signers.append(known[0])
        else:
            raise Fault(f"{name}: signature of {match[1]} does not verify")
    match = re.fullmatch("([^\n]+)\n(0|[1-9][0-9]{0,14})\n([^\n=]{43}=)\n", body.decode())
    if not match or not any(one.name == match[1] and one in signers for one in policy.logs):
        raise Fault(f"{name}: no origin, size and root, signed by a log of the policy")
    witnesses = sorted({one.name for one in signers if one.type == 4})
    return match[1], int(match[2]), canonical_base64(match[3]), witnesses, policy.met(signers), unknown


def tile_path(level, number):
    groups = f"{number:,}".split(",")
    groups = [groups[0].zfill(3)] + groups[1:]
    return f"tile/{level}/" + "/".join(["x" + one for one in groups[:-1]] + groups[-1:])


def tile_files(folder, level, number, width):
    """(path, width, bytes) of every file of one tile, widest first; the first must be wide enough."""
    path = tile_path(level, number)
    found = [(path, 256)] if os.path.exists(os.path.join(folder, path)) else []
    parts = os.path.join(folder, path + ".p")
    if os.path.isdir(parts):
        widths = sorted((int(one) for one in os.listdir(parts) if one.isdigit()), reverse=True)
        found += [(f"{path}.p/{one}", one) for one in widths]
    if not found or found[0][1] < width:
        raise Fault(path if width == 256 else f"{path}.p/{width}", result="incomplete")
    return [(one, wide, read(os.path.join(folder, one))) for one, wide in found]


def split_bundle(path, width, data, first):
    entries, at = [], 0
    while at < len(data) or len(entries) < width:
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if at + 2 > len(data) or end > len(data) or len(entries) == width:
            raise Fault(f"{path}: cut off or too long", first + min(len(entries), width - 1))
        entries.append(data[at + 2 : end])
        at = end
    return entries


def compare_tiles(folder, level, row):
    """Every tile file of a level must begin as the row of hashes does, as far as both go."""
    for start in range(0, len(row), 256):
        right = row[start : start + 256]
        for path, width, data in tile_files(folder, level, start // 256, len(right)):
            bad = [i for i in range(min(width, len(right))) if data[i * 32 : i * 32 + 32] != right[i]]
            if bad or len(data) != width * 32:
                raise Fault(f"{path} differs, or has another length", (start + (bad or [0])[0]) * 256**level)


def root_of(row):
    """Neighbours are paired level by level; one that is left over rises as it is."""
    row = row or [sha256(b"")]
    while len(row) > 1:
        pairs = [sha256(b"\x01" + row[i] + row[i + 1]) for i in range(0, len(row) - 1, 2)]
        row = pairs + (row[-1:] if len(row) % 2 else [])
    return row[0]


def open_entry(data, index, latest):
    try:
        entry = json.loads(data.decode())
        time = datetime.strptime(entry["at"], "%Y-%m-%dT%H:%M:%S.%fZ")
    except (ValueError, TypeError, KeyError) as error:
        raise Fault(f"entry: {error}", index) from None
    if time < latest - timedelta(seconds=5):
        raise Fault("entry: more than 5 s before an earlier one", index)
    return entry, max(latest, time)


def verify(folder, policy_file):
    policy = Policy(read(policy_file or os.path.join(folder, "log.policy")).decode())
    newest = read(os.path.join(folder, "checkpoint"))
    origin, size, root, witnesses, quorum, _ = open_checkpoint(newest, policy, "checkpoint")
    if not quorum:
        raise Fault(f"checkpoint: quorum not met, cosigned by {', '.join(witnesses) or 'nobody'}")
    walk = [(place, one) for place, _, names in os.walk(os.path.join(folder, "documents")) for one in names]
    documents = [(place, one) for place, one in walk if re.fullmatch("[0-9a-f]{64}", one)]
    altered = {one for place, one in documents if sha256(read(os.path.join(place, one))).hex() != one}
    leaves, latest = [], datetime.min + timedelta(seconds=5)
    for number in range(-(-size // 256)):
        first, width = number * 256, min(256, size - number * 256)
        files = tile_files(folder, "entries", number, width)
        entries = split_bundle(*files[0], first)
        for path, wide, data in files[1:]:
            for place, entry in enumerate(split_bundle(path, wide, data, first)):
                if entry != entries[place]:
                    raise Fault(f"{path} differs from {files[0][0]}", first + place)
        leaves += [sha256(b"\x00" + one) for one in entries[:width]]
        for place, data in enumerate(entries[:width]):
            entry, latest = open_entry(data, first + place, latest)
            if entry.get("h", "")[7:] in altered:
                raise Fault(f"document {entry['h']} is altered", first + place)
    row, level = leaves, 0
    while row:
        compare_tiles(folder, level, row)
        row = [root_of(row[i : i + 256]) for i in range(0, len(row) - 255, 256)]
        level += 1
    agreed, kept = 0, os.path.join(folder, "checkpoints")
    for name in sorted((one for one in os.listdir(kept) if one.isdigit()), key=int) if os.path.isdir(kept) else []:
        was = open_checkpoint(read(os.path.join(kept, name)), policy, f"checkpoints/{name}")
        if was[0] != origin or str(was[1]) != name or (was[5] and not was[4]):
            raise Fault(f"checkpoints/{name}: of another log or size, or without its witnesses")
        if was[1] > size or root_of(leaves[: was[1]]) != was[2]:
            raise Fault(f"checkpoints/{name} signs another history", agreed)
        agreed = was[1]
    if root_of(leaves) != root:
        raise Fault("the checkpoint signs another root than the entries have", agreed)
    for name in altered:
        raise Fault(f"document {name} is altered")
    return {"result": "verified", "origin": origin, "size": size, "root": root.hex(), "witnesses": witnesses}


def main(args):
    as_json, args = "--json" in args, [one for one in args if one != "--json"]
    args, policy_file = (args[:-2], args[-1]) if args[-2:-1] == ["--policy"] else (args, None)
    try:
        if len(args) != 1 or args[0].startswith("-"):
            raise Fault("verify_record.py FOLDER [--policy FILE] [--json]", result="usage")
        if Ed25519PublicKey is None:
            raise Fault("the Python package `cryptography`, for Ed25519, is not here", result="incomplete")
        told = verify(args[0], policy_file)
    except Fault as error:
        told = {"result": error.result, "index": error.index, "message": str(error)}
    print(json.dumps(told) if as_json else "\n".join(f"{name}: {value}" for name, value in told.items()))
    return EXIT[told["result"]]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
