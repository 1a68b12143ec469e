"""A parser of pages that tests share."""

from html.parser import HTMLParser

VOID = {"input", "meta", "img", "br", "line"}


class Balance(HTMLParser):
    """Checks that each tag is closed, and collects what the page would load."""

    def __init__(self):
        super().__init__()
        self.open, self.loads, self.words, self.attributes = [], [], [], set()

    def handle_starttag(self, tag, attrs):
        self.note(attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.note(attrs)

    def note(self, attrs):
        self.attributes |= {name for name, _ in attrs}
        self.loads += [value for name, value in attrs if name in {"src", "href", "xlink:href", "data"}]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)
