"""A page or a picture, read as a browser would."""

import html.parser


class Page(html.parser.HTMLParser):
    """Counts what is open, collects the ids and the words."""

    VOID = {"meta", "link", "input", "br", "img"}

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.words, self.quiet = [], [], [], 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.ids += [value for key, value in attributes if key == "id"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}>"

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("script", "style"):
            self.words.append(data)
