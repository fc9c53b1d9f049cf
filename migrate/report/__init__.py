"""Plan or run to text, JSON, Markdown or HTML; pure."""
