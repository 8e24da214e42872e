"""The full-text search: words of Chinese and Latin text, the rows that hold them, and who finds what.

An instance has a row of words for its columns (subject, unit, reference), and one for each circle of people who may read
some of its newest documents. A command only marks an instance as not searched yet, in the statement that saves it anyway;
:mod:`engine.search.refresh` writes the rows soon after, outside the command.
"""
