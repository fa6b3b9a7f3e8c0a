package io.sink.storage;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Records that are written once and can be read any number of times. Few records are kept in memory, more in a file in
 * the local temporary directory, which is deleted at the latest when the process ends.
 */
public final class Spill implements Closeable {
    private static final int IN_MEMORY_BYTES = 1 << 15;
    private static final int BUFFER_BYTES = 1 << 13;

    private final ByteArrayOutputStream memory = new ByteArrayOutputStream(0);
    private final DataOutputStream out = new DataOutputStream(new Sink());
    private @Nullable FileChannel file;
    private @Nullable OutputStream toFile;
    private long records;

    /** Reads or writes a record's fields. */
    public interface Fields<T> {
        /** Reads or writes one record. */
        void go(T stream) throws IOException;
    }

    /**
     * Adds a record.
     *
     * @throws SpillException if the local disk does not take it
     */
    public synchronized void add(Fields<DataOutputStream> record) {
        try {
            record.go(out);
            records++;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** How many records were added. */
    public long size() {
        return records;
    }

    /**
     * A stream of all records, from the first on.
     *
     * @throws SpillException if the local disk does not give them
     */
    public synchronized DataInputStream read() {
        try {
            if (file == null || toFile == null) {
                return new DataInputStream(new ByteArrayInputStream(memory.toByteArray()));
            }
            toFile.flush();
            file.position(0);
            return new DataInputStream(new BufferedInputStream(Channels.newInputStream(file), BUFFER_BYTES));
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /**
     * Calls {@code each} once per record; each call must read exactly one record.
     *
     * @throws SpillException if the local disk does not give them
     */
    public void each(Fields<DataInputStream> each) {
        DataInputStream in = read();
        try {
            for (long i = 0; i < records; i++) {
                each.go(in);
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** The local disk did not take or give what was spilled. */
    public static final class SpillException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /** @param cause what the local disk said */
        public SpillException(IOException cause) {
            super(
                    "cannot write or read records in the temporary directory " + System.getProperty("java.io.tmpdir")
                            + "; make room there, or name another by -Djava.io.tmpdir in SINK_JAVA_OPTS",
                    cause);
        }
    }

    private static SpillException failed(IOException e) {
        return new SpillException(e);
    }

    @Override
    public void close() {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private final class Sink extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (toFile == null && memory.size() + length > IN_MEMORY_BYTES) {
                Path path = Files.createTempFile("sink-", ".spill");
                // Linux deletes the name at once; elsewhere it goes when the channel is closed.
                file = FileChannel.open(
                        path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
                toFile = new BufferedOutputStream(Channels.newOutputStream(file), BUFFER_BYTES);
                memory.writeTo(toFile);
                memory.reset();
            }
            (toFile == null ? memory : toFile).write(bytes, offset, length);
        }
    }
}
