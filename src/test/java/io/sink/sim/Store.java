package io.sink.sim;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.BulkDeletionFailureException;
import org.apache.iceberg.io.DelegateFileIO;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.SeekableInputStream;

/** An object store: an object is there whole or not at all, from the end of its upload on. */
final class Store {
    private final World world;
    private final NavigableMap<String, Stored> objects = new ConcurrentSkipListMap<>();

    record Stored(byte[] bytes, long modified) {}

    Store(World world) {
        this.world = world;
    }

    SortedMap<String, Stored> objects() {
        return new TreeMap<>(objects);
    }

    boolean has(String location) {
        return objects.containsKey(location);
    }

    void put(String location, byte[] bytes) {
        Stored before =
                objects.put(location, new Stored(bytes, world.clock.instant().toEpochMilli()));
        boolean once = location.endsWith(".parquet") || location.endsWith(".avro") || location.endsWith(".puffin");
        if (before != null && once && !Arrays.equals(before.bytes(), bytes)) {
            world.violated(location + " was written over");
        }
    }

    /** The store as a process sees it. */
    Files files(Process process) {
        return new Files(process);
    }

    final class Files implements DelegateFileIO {
        private static final long serialVersionUID = 1L;

        private final transient Process process;

        Files(Process process) {
            this.process = process;
        }

        @Override
        public InputFile newInputFile(String location) {
            return new Input(location, process);
        }

        @Override
        public InputFile newInputFile(String location, long length) {
            return newInputFile(location);
        }

        @Override
        public OutputFile newOutputFile(String location) {
            return new Output(location, process);
        }

        @Override
        public void deleteFile(String location) {
            process.run("delete " + location, () -> objects.remove(location));
        }

        @Override
        public void deleteFiles(Iterable<String> locations) throws BulkDeletionFailureException {
            List<String> all = new ArrayList<>();
            locations.forEach(all::add);
            process.call(
                    "delete " + all,
                    () -> {
                        all.forEach(objects::remove);
                        return "";
                    },
                    () -> {
                        all.stream().skip(1).forEach(objects::remove);
                        throw new BulkDeletionFailureException(1);
                    },
                    message -> new BulkDeletionFailureException(all.size()));
        }

        @Override
        public Iterable<FileInfo> listPrefix(String prefix) {
            return process.call(
                    "list " + prefix,
                    () -> listed(prefix, Long.MAX_VALUE),
                    () -> listed(prefix, world.clock.instant().minusSeconds(60).toEpochMilli()),
                    message -> new org.apache.iceberg.exceptions.ServiceFailureException("%s", message));
        }

        private List<FileInfo> listed(String prefix, long until) {
            List<FileInfo> found = new ArrayList<>();
            for (Map.Entry<String, Stored> object : objects.tailMap(prefix).entrySet()) {
                if (!object.getKey().startsWith(prefix)) {
                    break;
                }
                Stored stored = object.getValue();
                if (stored.modified() <= until) {
                    found.add(new FileInfo(object.getKey(), stored.bytes().length, stored.modified()));
                }
            }
            return found;
        }

        @Override
        public void deletePrefix(String prefix) {
            throw new UnsupportedOperationException("nothing deletes by prefix");
        }

        @Override
        public void initialize(Map<String, String> properties) {}

        @Override
        public Map<String, String> properties() {
            return Map.of();
        }
    }

    private final class Input implements InputFile {
        private final String location;
        private final Process process;

        Input(String location, Process process) {
            this.location = location;
            this.process = process;
        }

        private byte[] bytes() {
            Stored stored = objects.get(location);
            if (stored == null) {
                throw new NotFoundException("no object %s", location);
            }
            return stored.bytes();
        }

        @Override
        public long getLength() {
            return process.call("head " + location, () -> bytes().length);
        }

        @Override
        public SeekableInputStream newStream() {
            return process.call("get " + location, () -> new Reading(bytes()));
        }

        @Override
        public String location() {
            return location;
        }

        @Override
        public boolean exists() {
            return process.call("look " + location, () -> objects.containsKey(location));
        }
    }

    private final class Output implements OutputFile {
        private final String location;
        private final Process process;

        Output(String location, Process process) {
            this.location = location;
            this.process = process;
        }

        @Override
        public PositionOutputStream create() {
            if (process.call("look " + location, () -> objects.containsKey(location))) {
                throw new AlreadyExistsException("%s exists", location);
            }
            return createOrOverwrite();
        }

        @Override
        public PositionOutputStream createOrOverwrite() {
            return new Writing(location, process);
        }

        @Override
        public String location() {
            return location;
        }

        @Override
        public InputFile toInputFile() {
            return new Input(location, process);
        }
    }

    private final class Writing extends PositionOutputStream {
        private final String location;
        private final Process process;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private boolean closed;

        Writing(String location, Process process) {
            this.location = location;
            this.process = process;
        }

        @Override
        public long getPos() {
            return bytes.size();
        }

        @Override
        public void write(int one) {
            bytes.write(one);
        }

        @Override
        public void write(byte[] from, int offset, int length) {
            bytes.write(from, offset, length);
        }

        @Override
        public void close() {
            if (closed) {
                return;
            }
            closed = true;
            byte[] content = bytes.toByteArray();
            process.run("put " + location, () -> {
                process.created.add(location);
                put(location, content);
            });
        }
    }

    private static final class Reading extends SeekableInputStream {
        private final byte[] bytes;
        private int at;

        Reading(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public long getPos() {
            return at;
        }

        @Override
        public void seek(long position) {
            at = Math.toIntExact(position);
        }

        @Override
        public int read() {
            return at >= bytes.length ? -1 : bytes[at++] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            if (length == 0) {
                return 0;
            }
            if (at >= bytes.length) {
                return -1;
            }
            int count = Math.min(length, bytes.length - at);
            System.arraycopy(bytes, at, into, offset, count);
            at += count;
            return count;
        }

        @Override
        public byte[] readAllBytes() {
            byte[] rest = Arrays.copyOfRange(bytes, Math.min(at, bytes.length), bytes.length);
            at = bytes.length;
            return rest;
        }
    }
}
