package io.sink.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads a text file that a person wrote, and refuses one that is larger than any such file. It may be a pipe, as a
 * shell's process substitution is, or a device, and neither need end.
 *
 * @ref LLP 0020#claims
 */
final class BoundedText {
    static final int MOST_BYTES = 4 << 20;

    private BoundedText() {}

    /** The file is larger than {@link #MOST_BYTES}. */
    static final class TooLargeException extends IOException {
        private static final long serialVersionUID = 1L;

        TooLargeException() {
            super("larger than " + (MOST_BYTES >> 20) + " MiB");
        }
    }

    /**
     * The whole text.
     *
     * @throws TooLargeException if it has more than {@link #MOST_BYTES}
     * @throws java.nio.charset.CharacterCodingException if it is not UTF-8
     */
    static String read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw new TooLargeException();
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        }
    }
}
