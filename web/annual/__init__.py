"""The annual report as files: Word in the shape of the counties' own reports, and a workbook."""
