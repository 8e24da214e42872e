"""Telling people what waits for them: in the pages' bell, and by mail, SMS and robots through an outbox.

What happened stands in the engine's own tables (work items, notes, incidents), written in the transaction of the command
that did it. :mod:`engine.notify.telling` reads them on from where it stopped and puts a row for each person and channel
that wants to know into the outbox; :mod:`engine.notify.delivery` sends those rows, outside every transaction.
"""
