#!/usr/bin/env python3
"""page.py DOM [REPORT.json]: what a browser made of the page of a report. Every number that says which member of the report it
shows must equal that member; the numbers of every section must be there; what keyboards and screen readers need must be there. All
rows of a table have as many cells as its heading. Without a report: a page of another kind, for which the rest must hold."""
import collections
import html.parser
import json
import sys


class Page(html.parser.HTMLParser):
    EMPTY = {"meta", "link", "br", "img", "input", "hr"}

    def __init__(self):
        super().__init__()
        self.shown, self.ids, self.named, self.links = {}, set(), [], []
        self.tags = collections.Counter()
        self.open, self.pictures, self.headings = [], [], []
        self.member, self.problems = None, []
        self.rows = []  # cells of each row of the current table

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        self.tags[tag] += 1
        if "id" in a:
            if a["id"] in self.ids:
                self.problems.append("two elements are called " + a["id"])
            self.ids.add(a["id"])
        if "aria-labelledby" in a:
            self.named.append(a["aria-labelledby"])
        if "data-json" in a:
            self.member = a["data-json"]
            self.shown.setdefault(self.member, "")
        if tag == "a":
            self.links.append(a.get("href", ""))
        if tag == "svg":
            self.pictures.append(a)
        if tag == "table":
            self.rows = []
        if tag == "tr":
            self.rows.append(0)
        if tag in ("th", "td"):
            self.rows[-1] += int(a.get("colspan", 1))
        if int(a.get("tabindex", 0)) > 0:
            self.problems.append("the keyboard does not go in the order of the page")
        if tag == "th" and "scope" not in a:
            self.problems.append("a heading of a table without scope")
        if a.get("class") == "scroll" and (a.get("tabindex") != "0" or a.get("role") != "region"):
            self.problems.append("a frame that scrolls cannot be reached by the keyboard")
        if tag in ("h1", "h2", "h3"):
            self.headings.append(int(tag[1]))
        for name in ("src", "href", "style"):
            if a.get(name, "").lstrip().startswith(("http", "//")) or "url(" in a.get(name, ""):
                self.problems.append("the page needs something else: %s" % a[name])
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag == "table" and len(set(self.rows)) != 1:
            self.problems.append("a table with rows of %s cells" % sorted(set(self.rows)))
        if tag in self.open:
            while self.open.pop() != tag:
                pass
        self.member = None

    def handle_data(self, data):
        if self.member is not None:
            self.shown[self.member] += data


def member(report, path):
    for part in path.split("/"):
        report = report[int(part)] if isinstance(report, list) else report[part]
    return report


def wanted(report):
    """Members that people look for."""
    for name in ("operators", "macs", "constants_bytes"):
        yield "model/" + name
    for t, target in enumerate(report["targets"]):
        at = "targets/%d/" % t
        for name in ("weights_bytes", "program_bytes", "activations_bytes", "epochs/hw", "epochs/sw", "macs"):
            yield at + name
        for ledger in ("ledger", "program_ledger"):
            for i in range(len(target[ledger])):
                yield "%s%s/%d/bytes" % (at, ledger, i)
        for i in range(len(target["layers"])):
            yield "%slayers/%d/weights_bytes" % (at, i)
            yield "%slayers/%d/program_bytes" % (at, i)
        for i in range(len(target["memory_map"]["buffers"])):
            yield "%smemory_map/buffers/%d/offset_bytes" % (at, i)
        for i in range(len(target["memory_map"]["epochs"])):
            yield "%smemory_map/epochs/%d/alive_bytes" % (at, i)
        yield at + "memory_map/peak/alive_bytes"
    first = report["targets"][0]
    for i in range(len(first.get("dead_channels", []))):
        yield "targets/0/dead_channels/%d/dead" % i
    for i in range(len(first.get("ranges", []))):
        yield "targets/0/ranges/%d/range/0" % i


def main():
    page, report = Page(), json.load(open(sys.argv[2])) if len(sys.argv) > 2 else None
    page.feed(open(sys.argv[1], encoding="utf-8").read())
    problems = page.problems
    for path, text in page.shown.items():
        if int(text.replace(",", "").replace("+", "")) != member(report, path):
            problems.append("%s is %s in the report, %s on the page" % (path, member(report, path), text))
    for path in wanted(report) if report else ():
        if path not in page.shown:
            problems.append("%s is not on the page" % path)
    for name in page.named:
        if name not in page.ids:
            problems.append("nothing is called '%s', which names a region" % name)
    for link in page.links:
        if not link.startswith("#") or link[1:] not in page.ids:
            problems.append("the link %s leads nowhere" % link)
    for picture in page.pictures:
        if picture.get("role") != "img" or not picture.get("aria-label"):
            problems.append("a picture without words")
    if page.headings[0] != 1 or page.headings.count(1) != 1 or any(b > a + 1 for a, b in zip(page.headings, page.headings[1:])):
        problems.append("the headings do not form an outline: %s" % page.headings)
    if page.tags["main"] != 1 or (report and page.tags["nav"] != 1) or page.tags["script"] != 0:
        problems.append("main, nav, script: %s" % [page.tags[t] for t in ("main", "nav", "script")])
    for problem in problems:
        print(problem, file=sys.stderr)
    print("%d numbers compared" % len(page.shown))
    return 1 if problems or (report and len(page.shown) < 60) else 0


sys.exit(main())
