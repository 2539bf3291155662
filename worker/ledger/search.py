"""Full text over Chinese: every Han character is a word, a query is phrases of them with spaces between.

Neither SQLite's nor PostgreSQL's tokenizer parts Chinese; with a space around each Han character both find phrases
of any length, two characters included, which trigrams do not.
"""

from __future__ import annotations

import re

from sqlalchemy import Column, Connection, MetaData, String, Table, Text, delete, text

from crawlers.models import Report

TABLE = Table("report_text", MetaData(), Column("report_id", String), Column("words", Text))
_HAN = re.compile(r"([\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])")
_WORD = re.compile(r"[\w]+")
_MOST = 200_000  # PostgreSQL refuses a tsvector over 1 MB

_INSERT = {
    "sqlite": text("INSERT INTO report_text (report_id, words) VALUES (:id, :words)"),
    "postgresql": text("INSERT INTO report_text (report_id, words) VALUES (:id, to_tsvector('simple', :words))"),
}


def spaced(words: str) -> str:
    """Text with every Han character on its own and nothing but words."""
    return " ".join(_WORD.findall(_HAN.sub(r" \1 ", words)))


def index(connection: Connection, report: Report) -> None:
    """Make a report findable by its title, numbers and body."""
    connection.execute(delete(TABLE).where(TABLE.c.report_id == report.id))
    parts = (report.title, report.doc_no, report.index_no, report.source, report.body)
    words = spaced("\n".join(part for part in parts if part))[:_MOST]
    connection.execute(_INSERT[connection.dialect.name], {"id": report.id, "words": words})


def find(connection: Connection, words: str, limit: int) -> list[str]:
    """Ids of reports that contain every phrase, best first; none where no phrase has a word in it."""
    phrases = [phrase for phrase in map(spaced, words.split()) if phrase]
    if not phrases:
        return []
    if connection.dialect.name == "sqlite":
        values: dict[str, object] = {"words": " AND ".join(f'"{phrase}"' for phrase in phrases)}
        query = "SELECT report_id FROM report_text WHERE words MATCH :words ORDER BY rank LIMIT :limit"
    else:
        values = {f"phrase{at}": phrase for at, phrase in enumerate(phrases)}
        wanted = " && ".join(f"phraseto_tsquery('simple', :{name})" for name in values)
        query = f"SELECT report_id FROM report_text WHERE words @@ ({wanted}) LIMIT :limit"  # noqa: S608 - our names
    return list(connection.execute(text(query), {**values, "limit": limit}).scalars())
