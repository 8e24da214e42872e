"""Organisations, people and posts as workbooks: what is exported can be imported, and says nothing new then."""
