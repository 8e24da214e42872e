"""The process ``accountability``: what follows where a unit fails its duties, and what the unit says to it."""
