package io.sink.table;

import java.io.IOException;
import java.util.function.Supplier;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestListFile;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A file that is read to its end or fails: if the bytes end before the length that the storage reports, it throws
 * {@link UnreadableMetadataException}. For one reading only.
 *
 * <p>Avro takes every end between two blocks for the end of the file. This makes no request beyond those of the reader,
 * except if the bytes end early: then the storage is asked once for the length.
 *
 * @ref LLP 0020#bytes
 */
public final class WholeInput implements InputFile {
    private final InputFile input;
    private final Supplier<InputFile> anew;
    private @Nullable Long length;
    private volatile boolean storageFailed;
    private volatile long end = -1;

    private WholeInput(InputFile input, Supplier<InputFile> anew) {
        this.input = input;
        this.anew = anew;
    }

    /** A file whose length nobody has given. */
    public static WholeInput of(String path, FileIO io) {
        InputFile opened = io.newInputFile(path);
        return new WholeInput(opened, () -> opened);
    }

    /** A manifest, decrypted if it is encrypted. */
    public static WholeInput of(ManifestFile manifest, FileIO io) {
        InputFile opened = io.newInputFile(manifest);
        // The input has the length from the list, and some storages return that without asking for the real one.
        return new WholeInput(opened, () -> manifest.keyMetadata() == null ? io.newInputFile(manifest.path()) : opened);
    }

    /** A manifest list, decrypted if it is encrypted. */
    public static WholeInput of(ManifestListFile list, FileIO io) {
        InputFile opened = io.newInputFile(list);
        return new WholeInput(opened, () -> opened);
    }

    /** The number of bytes that were read; -1 if the end was not reached. */
    long bytes() {
        return end;
    }

    /** @throws UnreadableMetadataException if the reader stopped before the end of the file */
    void requireEnd() {
        if (end < 0) {
            throw new UnreadableMetadataException(location(), "a block without entries is followed by more", null);
        }
    }

    /** The failure of a reader itself if the storage failed, else an exception that says that the file is damaged. */
    RuntimeException explain(RuntimeException failure) {
        return storageFailed
                        || failure instanceof UnreadableMetadataException
                        || Thread.currentThread().isInterrupted()
                ? failure
                : new UnreadableMetadataException(location(), "it cannot be read as Avro", failure);
    }

    @Override
    public long getLength() {
        Long known = length;
        if (known == null) {
            known = asked(input::getLength);
            length = known;
        }
        return known;
    }

    @Override
    public SeekableInputStream newStream() {
        return new Counting(asked(input::newStream));
    }

    @Override
    public String location() {
        return input.location();
    }

    @Override
    public boolean exists() {
        return asked(input::exists);
    }

    private <T> T asked(Supplier<T> request) {
        try {
            return request.get();
        } catch (RuntimeException e) {
            storageFailed = true;
            throw e;
        }
    }

    private void endsAt(long position) {
        if (position < getLength()) {
            long now = asked(() -> anew.get().getLength());
            if (position < now) {
                throw new UnreadableMetadataException(
                        location(), "the storage has %d bytes and gave %d".formatted(now, position), null);
            }
        }
        end = position;
    }

    private final class Counting extends SeekableInputStream {
        private final SeekableInputStream in;
        private final AvroFrames frames = new AvroFrames(location(), WholeInput.this::getLength);
        private long position;

        Counting(SeekableInputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            int value = failing(in::read);
            moved(value < 0 ? -1 : 1);
            if (value >= 0) {
                frames.next(new byte[] {(byte) value}, 0, 1);
            }
            return value;
        }

        @Override
        public int read(byte[] bytes, int offset, int count) throws IOException {
            int read = failing(() -> in.read(bytes, offset, count));
            moved(read);
            if (read > 0) {
                frames.next(bytes, offset, read);
            }
            return read;
        }

        private void moved(int read) {
            if (read < 0) {
                endsAt(position);
            } else {
                position += read;
            }
        }

        private int failing(Read read) throws IOException {
            try {
                return read.read();
            } catch (IOException | RuntimeException e) {
                if (S3Failures.isBeyondTheEnd(e)) {
                    throw new UnreadableMetadataException(
                            location(), "the storage has nothing from byte %d on".formatted(position), e);
                }
                storageFailed = true;
                throw e;
            }
        }

        @Override
        public long getPos() {
            return position;
        }

        @Override
        public void seek(long newPosition) throws IOException {
            in.seek(newPosition);
            position = newPosition;
            frames.seek(newPosition);
        }

        @Override
        public int available() throws IOException {
            return in.available();
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }

    @FunctionalInterface
    private interface Read {
        int read() throws IOException;
    }
}
