package io.sink.testing;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The head of an HTTP/1.1 message, and how its body is delimited.
 *
 * @param first the request or status line
 * @param lines the header lines as they were sent
 */
record HttpMessage(String first, List<String> lines) {

    /** Takes the bytes of a body as they pass. */
    interface Sink {
        void take(byte[] bytes, int length) throws IOException;
    }

    /** Reads a head; null where the stream ends before one begins. */
    static @Nullable HttpMessage read(InputStream in) throws IOException {
        String first = line(in);
        if (first == null) {
            return null;
        }
        List<String> lines = new ArrayList<>();
        for (String line = line(in); line != null && !line.isEmpty(); line = line(in)) {
            lines.add(line);
        }
        return new HttpMessage(first, List.copyOf(lines));
    }

    Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line : lines) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        return headers;
    }

    HttpMessage without(String header) {
        String prefix = header.toLowerCase(Locale.ROOT) + ":";
        return new HttpMessage(
                first,
                lines.stream()
                        .filter(line -> !line.toLowerCase(Locale.ROOT).startsWith(prefix))
                        .toList());
    }

    byte[] bytes() {
        return (first + "\r\n"
                        + String.join(
                                "", lines.stream().map(line -> line + "\r\n").toList()) + "\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The status of an answer. */
    int status() {
        return Integer.parseInt(first.split(" ", 3)[1]);
    }

    /** Passes a request's body on. */
    void requestBody(InputStream in, Sink to) throws IOException {
        body(in, to, 0);
    }

    /** Passes the body of an answer to a request with this method on. */
    void answerBody(InputStream in, Sink to, String method) throws IOException {
        int status = status();
        if (!method.equals("HEAD") && status != 204 && status != 304 && status >= 200) {
            body(in, to, Long.MAX_VALUE);
        }
    }

    /** Whether the connection ends with this answer. */
    boolean endsConnection() {
        Map<String, String> headers = headers();
        return "close".equalsIgnoreCase(headers.get("connection"))
                || (!headers.containsKey("content-length")
                        && !headers.containsKey("transfer-encoding")
                        && status() != 204
                        && status() != 304
                        && status() >= 200);
    }

    private void body(InputStream in, Sink to, long undelimited) throws IOException {
        Map<String, String> headers = headers();
        if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
            chunks(in, to);
        } else {
            String length = headers.get("content-length");
            copy(in, to, length == null ? undelimited : Long.parseLong(length), length != null);
        }
    }

    private static void chunks(InputStream in, Sink to) throws IOException {
        long size;
        do {
            String head = required(line(in));
            size = Long.parseLong(head.replaceFirst(";.*", "").strip(), 16);
            give(to, head + "\r\n");
            copy(in, to, size, true);
            if (size > 0) {
                give(to, required(line(in)) + "\r\n");
            }
        } while (size > 0);
        String trailer;
        do {
            trailer = required(line(in));
            give(to, trailer + "\r\n");
        } while (!trailer.isEmpty());
    }

    private static void copy(InputStream in, Sink to, long length, boolean exactly) throws IOException {
        byte[] buffer = new byte[8192];
        for (long left = length; left > 0; ) {
            int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                if (exactly) {
                    throw new EOFException("The body ended " + left + " bytes too early");
                }
                return;
            }
            to.take(buffer, read);
            left -= read;
        }
    }

    private static void give(Sink to, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        to.take(bytes, bytes.length);
    }

    private static @Nullable String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int next = in.read();
        if (next < 0) {
            return null;
        }
        for (; next >= 0 && next != '\n'; next = in.read()) {
            if (next != '\r') {
                line.write(next);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    private static String required(@Nullable String line) throws IOException {
        if (line == null) {
            throw new EOFException("The message ended in the middle");
        }
        return line;
    }

    /** Passes everything on to a stream. */
    static Sink to(OutputStream out) {
        return (bytes, length) -> out.write(bytes, 0, length);
    }
}
