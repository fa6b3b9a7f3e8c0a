package io.sink.config;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;

/**
 * Holds a line until it ends, and writes it on without secrets. Works on bytes, each as one Latin-1 character, so that
 * bytes of any encoding pass unchanged and a character split over two writes stays whole. A carriage return ends a line
 * too: progress bars use it.
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
     * Writes on what is held, but for an end that more text could make a secret.
     *
     * @throws IOException if the stream behind did not take what it was given: a full disk, a closed pipe
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
            throw new IOException("what was written did not arrive");
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
     * How much of the text can go: nothing that more text could make a secret, and no secret in two pieces, neither of
     * which would be known for what it is.
     */
    private int safe(String text) {
        int safe = text.length() - secrets.openEnd(text);
        BitSet hidden = secrets.hiddenBytes(text);
        boolean cut = safe > 0 && hidden.get(safe - 1) && hidden.get(safe);
        return cut ? hidden.previousClearBit(safe) + 1 : safe;
    }
}
