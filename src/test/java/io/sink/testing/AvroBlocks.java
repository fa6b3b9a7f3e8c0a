package io.sink.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.avro.Schema;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;

/**
 * A manifest list or a manifest, written anew with a block for each record, so that it can end at many places and read
 * well.
 *
 * @param ends where the header and each block end; the last one is the file's length
 */
public record AvroBlocks(Path file, List<Long> ends) {
    private static final int SYNC_BYTES = 16;

    /** Where it can be cut: to nothing, in its header, after it, and after every block but the last. */
    public List<Long> cuts() {
        List<Long> cuts = new ArrayList<>(List.of(0L, ends.get(0) / 2));
        cuts.addAll(ends.subList(0, ends.size() - 1));
        return cuts;
    }

    public long length() {
        return ends.get(ends.size() - 1);
    }

    /** Rewrites a snapshot's list and its manifests on local disk; lists say how long manifests are. */
    public static List<AvroBlocks> ofSnapshot(Path list, Map<String, AvroBlocks> known) throws IOException {
        return ofSnapshot(list, known, SecondReader::local);
    }

    /** The same where {@code locate} gives the file of a location. */
    public static List<AvroBlocks> ofSnapshot(Path list, Map<String, AvroBlocks> known, Function<String, Path> locate)
            throws IOException {
        List<AvroBlocks> all = new ArrayList<>();
        Content content = Content.of(list);
        for (GenericRecord manifest : content.records()) {
            String path = manifest.get("manifest_path").toString();
            AvroBlocks blocks = known.get(path);
            if (blocks == null) {
                Path file = locate.apply(path);
                blocks = Content.of(file).write(file);
                known.put(path, blocks);
                all.add(blocks);
            }
            manifest.put("manifest_length", blocks.length());
        }
        all.add(content.write(list));
        return all;
    }

    /** One file, written anew. */
    public static AvroBlocks of(Path file) throws IOException {
        return Content.of(file).write(file);
    }

    /** A list as it is with some of its records changed. */
    public static void change(Path list, Consumer<GenericRecord> each) throws IOException {
        Content content = Content.of(list);
        content.records().forEach(each);
        content.write(list);
    }

    /** A list or a manifest as it is without some of its records. */
    public static void drop(Path file, Predicate<GenericRecord> which) throws IOException {
        Content content = Content.of(file);
        content.records().removeIf(which);
        content.write(file);
    }

    /** Puts a block of no records right after the header: readers take it for the end. */
    public static void putEmptyBlockFirst(Path file) throws IOException {
        AvroBlocks blocks = of(file);
        byte[] whole = Files.readAllBytes(file);
        int header = Math.toIntExact(blocks.ends().get(0));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(whole, 0, header);
        bytes.write(new byte[] {0, 0}); // no records, no bytes
        bytes.write(whole, header - SYNC_BYTES, SYNC_BYTES);
        bytes.write(whole, header, whole.length - header);
        Files.write(file, bytes.toByteArray());
    }

    private record Content(Schema schema, Map<String, byte[]> meta, List<GenericRecord> records) {

        static Content of(Path file) throws IOException {
            List<GenericRecord> records = new ArrayList<>();
            Map<String, byte[]> meta = new java.util.TreeMap<>();
            try (DataFileReader<GenericRecord> reader =
                    new DataFileReader<>(file.toFile(), new GenericDatumReader<>())) {
                for (String key : reader.getMetaKeys()) {
                    if (!key.startsWith("avro.")) {
                        meta.put(key, reader.getMeta(key));
                    }
                }
                reader.forEach(records::add);
                return new Content(reader.getSchema(), meta, records);
            }
        }

        AvroBlocks write(Path file) throws IOException {
            List<Long> ends = new ArrayList<>();
            try (DataFileWriter<GenericRecord> writer = new DataFileWriter<>(new GenericDatumWriter<>(schema))) {
                meta.forEach(writer::setMeta);
                writer.setCodec(CodecFactory.deflateCodec(6));
                writer.create(schema, file.toFile());
                ends.add(writer.sync());
                for (GenericRecord row : records) {
                    writer.append(row);
                    ends.add(writer.sync());
                }
            }
            if (Files.size(file) != ends.get(ends.size() - 1)) {
                throw new IllegalStateException(file + " does not end with its last block");
            }
            return new AvroBlocks(file, List.copyOf(ends));
        }
    }
}
