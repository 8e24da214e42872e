"""What is handed out of a publication: a static package for websites, and the public page."""
