package io.sink.config;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;

/**
 * Holds back a line until it ends, and writes it without secrets. Works on bytes, each as one Latin-1 character, so
 * that bytes of any encoding pass unchanged and a character split over two writes stays whole. A carriage return ends a
 * line too: progress bars use it.
 *
 * @ref LLP 0000#secrets
 */
final class RedactingStream extends OutputStream {

    private final PrintStream out;
    private final Secrets secrets;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    RedactingStream(PrintStream out, Secrets secrets) {
        this.out = out;
        this.secrets = secrets;
    }

    @Override
    public void write(int b) {
        line.write(b);
        if (b == '\n' || b == '\r') {
            String whole = held();
            line.reset();
            emit(whole);
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            write(bytes[i]);
        }
    }

    /**
     * Writes what is held, except an end that could be the beginning of a secret.
     *
     * @throws IOException if the stream behind could not be written, as with a full disk or a closed pipe
     */
    @Override
    public void flush() throws IOException {
        String text = held();
        int safe = safe(text);
        line.reset();
        byte[] rest = text.substring(safe).getBytes(StandardCharsets.ISO_8859_1);
        line.write(rest, 0, rest.length);
        emit(text.substring(0, safe));
        if (out.checkError()) {
            throw new IOException("the output could not be written; its disk may be full or its pipe closed");
        }
    }

    @Override
    public void close() {
        String rest = held();
        line.reset();
        emit(rest);
        out.close();
    }

    private String held() {
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    private void emit(String text) {
        byte[] bytes = secrets.redactBytes(text).getBytes(StandardCharsets.ISO_8859_1);
        out.write(bytes, 0, bytes.length);
    }

    /**
     * How many characters can be written now. An end that could be the beginning of a secret is kept, and a secret is
     * never cut in two: neither piece would be recognized.
     */
    private int safe(String text) {
        int safe = text.length() - secrets.openEnd(text);
        BitSet hidden = secrets.hiddenBytes(text);
        boolean cut = safe > 0 && hidden.get(safe - 1) && hidden.get(safe);
        return cut ? hidden.previousClearBit(safe) + 1 : safe;
    }
}
