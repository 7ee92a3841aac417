"""The Content-Security-Policy of each page: only scripts of the site run, and none that an output might bring along."""

from __future__ import annotations

import base64
import hashlib
import re

INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.S)

HANDLERS = {
    'onclick="window.print()"': 'data-does="print"',
    'onclick="toggleFullScreen()"': 'data-does="fullscreen"',
}
"""Handlers that the theme writes into its buttons, which no policy without loopholes allows, and what replaces them;
``site.js`` gives these buttons their work back."""


def with_policy(html: str, *, search: bool = False) -> str:
    """``html`` of a page with its policy as the first thing in its head.

    Scripts without a file run if they stand in the head, which the theme writes; on the ``search`` page the theme
    writes one into the body too. Each is allowed by its hash.
    """
    for handler, mark in HANDLERS.items():
        html = html.replace(handler, mark)
    trusted = html if search else html.partition("</head>")[0]
    hashes = dict.fromkeys(f"'sha256-{_hash(script)}'" for script in INLINE.findall(trusted))
    policy = f"script-src 'self' {' '.join(hashes)}; object-src 'none'; base-uri 'self'"
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    html = re.sub(r'\s*<meta http-equiv="Content-Security-Policy"[^>]*>', "", html)
    return re.sub(r"(<head[^>]*>)", rf"\1\n{meta}", html, count=1)


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
