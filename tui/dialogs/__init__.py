"""The small questions over a screen, one class a file. A dialog answers with data; it changes nothing itself."""
