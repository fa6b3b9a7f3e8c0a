package io.sink.commit;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileConstants;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes manifests and manifest lists without compression if the table's newest list has none: its other writer may not
 * be able to read compressed ones. For example icebird, whose tables have no catalog, fails at a deflate block of
 * stored bytes.
 *
 * @ref LLP 0009#plain-manifests
 */
final class PlainManifests implements UnaryOperator<OutputFile> {
    private static final Logger LOG = LoggerFactory.getLogger(PlainManifests.class);

    /** The names of metadata files of tables without a catalog. */
    private static final Pattern BY_PATH = Pattern.compile(".*/v\\d+(\\.gz)?\\.metadata\\.json(\\.gz)?");

    private final boolean compressed;
    private final boolean set;

    private PlainManifests(boolean compressed, boolean set) {
        this.compressed = compressed;
        this.set = set;
    }

    /** How the outputs of a commit to this table are to be written. */
    static PlainManifests of(FileIO io, TableMetadata table) {
        Snapshot newest = table.currentSnapshot();
        String metadata = table.metadataFileLocation();
        boolean plain =
                newest != null && metadata != null && BY_PATH.matcher(metadata).matches() && isPlain(io, newest);
        return new PlainManifests(!plain, table.properties().containsKey(TableProperties.MANIFEST_COMPRESSION));
    }

    private static boolean isPlain(FileIO io, Snapshot snapshot) {
        if (snapshot.manifestListLocation() == null) {
            return false;
        }
        InputFile list = io.newInputFile(snapshot.manifestListLocation());
        try (InputStream in = list.newStream();
                DataFileStream<GenericRecord> head = new DataFileStream<>(in, new GenericDatumReader<>())) {
            String codec = head.getMetaString(DataFileConstants.CODEC);
            return codec == null || codec.equals(DataFileConstants.NULL_CODEC);
        } catch (IOException | RuntimeException e) {
            // Whatever needs the list reports what is wrong with it.
            LOG.debug("The codec of {} cannot be read", list.location(), e);
            return false;
        }
    }

    @Override
    public OutputFile apply(OutputFile file) {
        String name = file.location().substring(file.location().lastIndexOf('/') + 1);
        boolean list = name.startsWith("snap-");
        return compressed || !name.endsWith(".avro") || (set && !list) ? file : new Plain(file);
    }

    private record Plain(OutputFile file) implements OutputFile {
        @Override
        public PositionOutputStream create() {
            return new Buffer(file.create());
        }

        @Override
        public PositionOutputStream createOrOverwrite() {
            return new Buffer(file.createOrOverwrite());
        }

        @Override
        public String location() {
            return file.location();
        }

        @Override
        public InputFile toInputFile() {
            return file.toInputFile();
        }
    }

    /** Holds the compressed file until it is closed, and then writes it without compression. */
    private static final class Buffer extends PositionOutputStream {
        private final ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        private final PositionOutputStream out;
        private boolean closed;

        Buffer(PositionOutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int value) {
            compressed.write(value);
        }

        @Override
        public void write(byte[] bytes, int offset, int count) {
            compressed.write(bytes, offset, count);
        }

        @Override
        public long getPos() {
            return compressed.size();
        }

        @Override
        public long storedLength() throws IOException {
            return closed ? out.storedLength() : compressed.size();
        }

        @Override
        public void close() throws IOException {
            if (closed) {
                return;
            }
            closed = true;
            try (PositionOutputStream to = out;
                    DataFileStream<GenericRecord> from = new DataFileStream<>(
                            new ByteArrayInputStream(compressed.toByteArray()), new GenericDatumReader<>());
                    DataFileWriter<GenericRecord> writer = new DataFileWriter<>(new GenericDatumWriter<>())) {
                writer.setCodec(CodecFactory.nullCodec());
                for (String key : List.copyOf(from.getMetaKeys())) {
                    if (!DataFileWriter.isReservedMeta(key)) {
                        writer.setMeta(key, from.getMeta(key));
                    }
                }
                writer.create(from.getSchema(), to);
                writer.appendAllFrom(from, true);
            }
        }
    }
}
