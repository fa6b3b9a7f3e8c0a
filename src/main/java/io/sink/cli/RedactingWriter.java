package io.sink.cli;

import io.sink.config.Secrets;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.Writer;

/** Redacts secrets from what is written, one whole line at a time. */
final class RedactingWriter extends FilterWriter {
    private final Secrets secrets;
    private final StringBuilder line = new StringBuilder();

    RedactingWriter(Writer out, Secrets secrets) {
        super(out);
        this.secrets = secrets;
    }

    @Override
    public void write(int c) throws IOException {
        line.append((char) c);
        if (c == '\n') {
            out.write(secrets.redact(line.toString()));
            line.setLength(0);
        }
    }

    @Override
    public void write(char[] chars, int offset, int length) throws IOException {
        for (int i = offset; i < offset + length; i++) {
            write(chars[i]);
        }
    }

    @Override
    public void write(String text, int offset, int length) throws IOException {
        for (int i = offset; i < offset + length; i++) {
            write(text.charAt(i));
        }
    }

    /** Holds an unfinished line back: it could end in the beginning of a secret. */
    @Override
    public void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        out.write(secrets.redact(line.toString()));
        line.setLength(0);
        super.close();
    }
}
