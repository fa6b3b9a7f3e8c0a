package io.sink.testing;

import static io.sink.testing.HostileAvro.number;
import static io.sink.testing.HostileAvro.some;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.ManifestFile;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.PageType;
import org.jspecify.annotations.Nullable;

/** Tables by path of which one file claims what is not so: the same ones each time. */
public final class HostileFiles {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST = Integer.MAX_VALUE - 16;
    private static final long TERA = 1L << 40;
    private static final int VERSION = 3;
    private static final int SNAPSHOTS = 3;

    private final Path warehouse;
    private final List<String> names = new ArrayList<>();

    private HostileFiles(Path warehouse) {
        this.warehouse = warehouse;
    }

    /**
     * Makes the tables.
     *
     * @return their names, each of what is wrong with it
     */
    public static List<String> make(Path warehouse) throws IOException {
        HostileFiles all = new HostileFiles(warehouse);
        all.metadata();
        all.parents();
        all.lists();
        all.manifests();
        all.vectors();
        all.footers();
        all.pages();
        return List.copyOf(all.names);
    }

    /** What is done to a table. */
    private interface Spoil {
        void at(Spoilt table) throws IOException;
    }

    /**
     * A table of three appends, and where its format allows a vector, whose files are to be spoilt.
     *
     * @param metadata the newest metadata file
     * @param list the current manifest list
     * @param manifest one of its manifests
     * @param data a data file
     * @param deletes the vector; null where there is none
     */
    private record Spoilt(
            Path metadata,
            Path list,
            Path manifest,
            Path data,
            @Nullable DeleteFile deletes) {
        DeleteFile vectorInFile() {
            return Objects.requireNonNull(deletes, "a vector");
        }

        Path vector() {
            return Path.of(vectorInFile().location());
        }
    }

    private void table(String name, boolean vector, Spoil spoil) throws IOException {
        names.add(name);
        PathTable table = PathTable.create(
                warehouse, name, vector ? VERSION : 2, Map.of("write.metadata.compression-codec", "none"));
        DataFile data = table.append(1, 2, 3);
        for (int i = 1; i < SNAPSHOTS; i++) {
            table.append(10L * i, 10L * i + 1);
        }
        DeleteFile deletes = vector ? table.delete(data, 1) : null;
        BaseTable loaded = table.load();
        List<ManifestFile> manifests = loaded.currentSnapshot().allManifests(loaded.io());
        Path of = Path.of(manifests.get(manifests.size() - 1).path());
        for (ManifestFile manifest : manifests) {
            if (vector && manifest.content() == org.apache.iceberg.ManifestContent.DELETES) {
                of = Path.of(manifest.path());
            }
        }
        spoil.at(new Spoilt(
                table.location().resolve("metadata/v" + (1 + SNAPSHOTS + (vector ? 1 : 0)) + ".metadata.json"),
                Path.of(loaded.currentSnapshot().manifestListLocation()),
                of,
                Path.of(data.location()),
                deletes));
    }

    private void metadata() throws IOException {
        metadata("metadata-empty", "");
        metadata("metadata-without-fields", "{}");
        metadata("metadata-of-html", "<html><body>502</body></html>");
        metadata("metadata-of-an-array", "[]");
        metadata("metadata-nested", "{\"format-version\":2,\"a\":" + "[".repeat(200_000));
        table("metadata-cut", false, table -> {
            byte[] whole = Files.readAllBytes(table.metadata());
            Files.write(table.metadata(), java.util.Arrays.copyOf(whole, whole.length / 2));
        });
        table("metadata-of-zip", false, table -> zipped(table, 1 << 10, true));
        table("metadata-bomb", false, table -> zipped(table, 2 << 10, false));
        table("metadata-is-a-pipe", false, table -> pipe(table.metadata()));
        table("metadata-is-a-device", false, table -> device(table.metadata()));
        json("metadata-without-its-spec", json -> json.put("default-spec-id", 77));
        json("metadata-without-its-order", json -> json.put("default-sort-order-id", 77));
        json("metadata-without-its-schema", json -> json.put("current-schema-id", 77));
        json("metadata-of-many-digits", json -> json.put("last-updated-ms", new java.math.BigInteger("9".repeat(900))));
        json("metadata-of-nested-types", json -> {
            ArrayNode fields = (ArrayNode) json.at("/schemas/0/fields");
            JsonNode type = JSON.getNodeFactory().textNode("long");
            for (int i = 0; i < 480; i++) {
                type = JSON.createObjectNode()
                        .put("type", "list")
                        .put("element-id", 1000 + i)
                        .put("element-required", true)
                        .set("element", type);
            }
            ((ObjectNode) fields.get(1)).set("type", type);
        });
        json("metadata-of-many-snapshots", json -> {
            ArrayNode snapshots = (ArrayNode) json.get("snapshots");
            ArrayNode before = JSON.createArrayNode();
            ObjectNode newest = (ObjectNode) snapshots.get(snapshots.size() - 1);
            for (int i = 0; i < 40_000; i++) {
                ObjectNode more = newest.deepCopy();
                more.put("snapshot-id", 1L + i).put("sequence-number", 1).remove("parent-snapshot-id");
                before.add(more);
            }
            before.addAll(snapshots);
            json.set("snapshots", before);
        });
    }

    private void parents() throws IOException {
        json("parent-is-itself", json -> parent(json, SNAPSHOTS - 1, SNAPSHOTS - 1));
        json("parent-is-a-child", json -> parent(json, 0, SNAPSHOTS - 1));
        json("parent-of-another-branch", json -> {
            parent(json, 0, 1);
            ((ObjectNode) json.at("/snapshots/2")).remove("parent-snapshot-id");
        });
    }

    private static void parent(ObjectNode json, int of, int is) {
        JsonNode snapshots = json.get("snapshots");
        ((ObjectNode) snapshots.get(of))
                .set("parent-snapshot-id", snapshots.get(is).get("snapshot-id"));
    }

    private void lists() throws IOException {
        avro("list", Spoilt::list);
        table(
                "list-partitions-of-tera",
                false,
                table -> HostileAvro.of(table.list()).field(some(TERA), "partitions"));
        table("list-path-of-giga", false, table -> HostileAvro.of(table.list()).field(number(MOST), "manifest_path"));
        table(
                "list-counts-of-giga",
                false,
                table -> HostileAvro.of(table.list()).set("added_files_count", Integer.MAX_VALUE));
        table(
                "list-names-itself",
                false,
                table -> HostileAvro.of(table.list())
                        .set("manifest_path", table.list().toString()));
        for (String elsewhere : List.of("http://127.0.0.1:1/m.avro", "gs://bucket/m.avro", "x-y:z")) {
            table(
                    "list-names-" + elsewhere.replaceAll("[^a-z].*", ""),
                    false,
                    table -> HostileAvro.of(table.list()).set("manifest_path", elsewhere));
        }
        table("list-names-a-manifest-twice", false, table -> {
            HostileAvro list = HostileAvro.of(table.list());
            list.records().add(list.records().get(0));
            list.write();
        });
        table(
                "list-of-another-spec",
                false,
                table -> HostileAvro.of(table.list()).set("partition_spec_id", 77));
        table("list-names-a-pipe", false, table -> {
            Path pipe = table.list().resolveSibling("pipe.avro");
            pipe(pipe);
            HostileAvro.of(table.list()).set("manifest_path", pipe.toString());
        });
        table("list-of-random-bytes", false, table -> {
            byte[] bytes = new byte[4096];
            new Random(16).nextBytes(bytes);
            Files.write(table.list(), bytes);
        });
    }

    private void manifests() throws IOException {
        avro("manifest", Spoilt::manifest);
        table(
                "manifest-map-of-tera",
                false,
                table -> HostileAvro.of(table.manifest()).field(some(TERA), "data_file", "column_sizes"));
        table(
                "manifest-offsets-of-giga",
                false,
                table -> HostileAvro.of(table.manifest()).field(some(MOST), "data_file", "split_offsets"));
        table(
                "manifest-key-metadata-of-giga",
                false,
                table -> HostileAvro.of(table.manifest()).field(some(MOST), "data_file", "key_metadata"));
        table(
                "manifest-of-records-beyond",
                false,
                table -> HostileAvro.of(table.manifest()).set("record_count", 1L << 62));
        table(
                "manifest-of-bytes-below-zero",
                false,
                table -> HostileAvro.of(table.manifest()).set("file_size_in_bytes", -1L));
        table(
                "manifest-of-nested-schema",
                false,
                table -> HostileAvro.of(table.manifest())
                        .with("schema", "[".repeat(200_000))
                        .write());
    }

    /** What can be wrong with lists and manifests alike. */
    private void avro(String kind, java.util.function.Function<Spoilt, Path> file) throws IOException {
        table(kind + "-is-a-pipe", false, table -> pipe(file.apply(table)));
        table(kind + "-is-a-device", false, table -> device(file.apply(table)));
        table(kind + "-is-a-directory", false, table -> {
            Files.delete(file.apply(table));
            Files.createDirectory(file.apply(table));
        });
        table(
                kind + "-block-of-giga",
                false,
                table -> HostileAvro.of(file.apply(table)).block(1, MOST));
        table(
                kind + "-block-below-zero",
                false,
                table -> HostileAvro.of(file.apply(table)).block(1, -5));
        table(kind + "-of-tera-records", false, table -> {
            HostileAvro avro = HostileAvro.of(file.apply(table));
            avro.block(TERA, avro.size());
        });
        table(
                kind + "-key-of-giga",
                false,
                table -> HostileAvro.of(file.apply(table)).header(1, MOST));
        table(
                kind + "-header-of-tera",
                false,
                table -> HostileAvro.of(file.apply(table)).header(TERA, 1));
        table(
                kind + "-header-value-of-giga",
                false,
                table -> HostileAvro.of(file.apply(table)).headerValue(MOST));
        table(
                kind + "-deflate-bomb",
                false,
                table -> HostileAvro.of(file.apply(table)).deflateBomb());
        table(
                kind + "-zstd-bomb",
                false,
                table -> HostileAvro.of(file.apply(table)).zstdBomb());
        table(
                kind + "-snappy-of-giga",
                false,
                table -> HostileAvro.of(file.apply(table)).snappy(MOST));
        table(
                kind + "-of-xz",
                false,
                table -> HostileAvro.of(file.apply(table))
                        .with("avro.codec", "xz")
                        .write());
        table(
                kind + "-of-nested-avro",
                false,
                table -> HostileAvro.of(file.apply(table))
                        .with("avro.schema", "{\"type\":\"array\",\"items\":".repeat(100_000))
                        .write());
    }

    private void vectors() throws IOException {
        table("vector-is-a-pipe", true, table -> pipe(table.vector()));
        table(
                "vector-beyond-the-file",
                true,
                table -> HostileAvro.of(table.manifest()).set("content_offset", TERA));
        table(
                "vector-of-giga",
                true,
                table -> HostileAvro.of(table.manifest()).set("content_size_in_bytes", (long) MOST));
        table("vector-of-tera", true, table -> HostileAvro.of(table.manifest()).set("content_size_in_bytes", TERA));
        table(
                "vector-below-zero",
                true,
                table -> HostileAvro.of(table.manifest()).set("content_size_in_bytes", -1L));
        table("vector-of-tera-bitmaps", true, table -> vector(table, blob -> blob.putLong(8, TERA)));
        table(
                "vector-of-giga-containers",
                true,
                table -> vector(table, blob -> {
                    blob.putInt(20, 12346);
                    blob.putInt(24, MOST);
                }));
        table("vector-of-a-key-beyond", true, table -> vector(table, blob -> blob.putInt(16, Integer.MAX_VALUE - 1)));
    }

    /** The blob, changed, with a checksum that is right. */
    private static void vector(Spoilt table, java.util.function.Consumer<ByteBuffer> change) throws IOException {
        byte[] whole = Files.readAllBytes(table.vector());
        int from = Math.toIntExact(table.vectorInFile().contentOffset());
        int length = Math.toIntExact(table.vectorInFile().contentSizeInBytes());
        ByteBuffer blob = ByteBuffer.wrap(whole, from, length).slice().order(ByteOrder.LITTLE_ENDIAN);
        change.accept(blob);
        CRC32 crc = new CRC32();
        crc.update(whole, from + Integer.BYTES, length - 2 * Integer.BYTES);
        blob.order(ByteOrder.BIG_ENDIAN).putInt(length - Integer.BYTES, (int) crc.getValue());
        Files.write(table.vector(), whole);
    }

    private void footers() throws IOException {
        parquet("footer-of-giga", file -> file.footerLength(MOST));
        parquet("footer-below-zero", file -> file.footerLength(-1));
        parquet("footer-list-of-giga", file -> file.footer(listOf(MOST)));
        parquet("footer-nested", file -> file.footer(nested()));
        parquet("footer-text-of-giga", file -> file.footer(textOf(MOST)));
        parquet("chunk-of-tera", file -> file.chunk(chunk -> chunk.setTotal_compressed_size(1L << 45)));
        parquet("chunk-beyond-the-file", file -> file.chunk(chunk -> chunk.setData_page_offset(TERA)));
        parquet("chunk-unpacks-to-tera", file -> file.chunk(chunk -> chunk.setTotal_uncompressed_size(TERA)));
        parquet("chunk-of-tera-values", file -> file.chunk(chunk -> chunk.setNum_values(TERA)));
        parquet(
                "rows-of-tera",
                file -> file.footer(footer -> {
                    footer.setNum_rows(TERA);
                    footer.getRow_groups().get(0).setNum_rows(TERA);
                }));
        parquet(
                "schema-of-giga-children",
                file -> file.footer(footer -> footer.getSchema().get(0).setNum_children(MOST)));
        table("data-is-a-pipe", false, table -> pipe(table.data()));
        table("data-is-a-device", true, table -> device(table.data()));
    }

    private void pages() throws IOException {
        parquet("page-of-giga", file -> file.page(PageType.DATA_PAGE, page -> page.setCompressed_page_size(MOST)));
        parquet(
                "page-unpacks-to-giga",
                file -> file.page(PageType.DATA_PAGE, page -> page.setUncompressed_page_size(MOST)));
        parquet(
                "page-of-giga-values",
                file -> file.page(
                        PageType.DATA_PAGE, page -> page.getData_page_header().setNum_values(MOST)));
        parquet(
                "page-of-another-encoding",
                file -> file.page(
                        PageType.DATA_PAGE,
                        page -> page.getData_page_header().setEncoding(Encoding.DELTA_BINARY_PACKED)));
        parquet("page-bomb", file -> file.bomb(400 << 20));
        parquet("page-brotli-bomb", file -> file.brotliBomb(25, 400 << 20));
        parquet("page-brotli-bomb-unsaid", file -> file.brotliBomb(1000, 40));
    }

    /** What can be wrong with a data file, in a table that is merged by pages and in one that is read by records. */
    private void parquet(String name, Craft craft) throws IOException {
        table(name, false, table -> craft.at(HostileParquet.of(table.data())));
        table(name + "-sorted", true, table -> {
            craft.at(HostileParquet.of(table.data()));
            sort(table.metadata());
        });
    }

    /** What has a sort order is read by records. */
    private static void sort(Path metadata) throws IOException {
        ObjectNode json = (ObjectNode) JSON.readTree(metadata.toFile());
        ObjectNode order = JSON.createObjectNode().put("order-id", 1);
        order.putArray("fields")
                .addObject()
                .put("transform", "identity")
                .put("source-id", 1)
                .put("direction", "asc")
                .put("null-order", "nulls-first");
        ((ArrayNode) json.get("sort-orders")).add(order);
        Files.writeString(metadata, JSON.writeValueAsString(json.put("default-sort-order-id", 1)));
    }

    /** What is done to a data file. */
    private interface Craft {
        void at(HostileParquet file) throws IOException;
    }

    /** A compact list of structs as the second field, its size as it is said. */
    private static byte[] listOf(int size) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(new byte[] {0x15, 0x02, 0x19, (byte) 0xFC});
        bytes.write(unsigned(size));
        bytes.write(new byte[50]);
        return bytes.toByteArray();
    }

    private static byte[] textOf(int length) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(new byte[] {0x15, 0x02, 0x48});
        bytes.write(unsigned(length));
        bytes.write(new byte[50]);
        return bytes.toByteArray();
    }

    /** A struct in a struct, as field 14, which no reader knows. */
    private static byte[] nested() {
        byte[] bytes = new byte[200_000];
        java.util.Arrays.fill(bytes, (byte) 0xEC);
        return bytes;
    }

    private static byte[] unsigned(int value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        long left = value;
        for (; left > 127; left >>>= 7) {
            bytes.write((int) (left & 127) | 128);
        }
        bytes.write((int) left);
        return bytes.toByteArray();
    }

    private void metadata(String name, String content) throws IOException {
        table(name, false, table -> Files.writeString(table.metadata(), content));
    }

    private void json(String name, Change change) throws IOException {
        table(name, false, table -> {
            ObjectNode json = (ObjectNode) JSON.readTree(table.metadata().toFile());
            change.at(json);
            Files.writeString(table.metadata(), JSON.writeValueAsString(json));
        });
    }

    /** What is done to a metadata file. */
    private interface Change {
        void at(ObjectNode json);
    }

    /** The newest metadata as a compressed file of so many megabytes of spaces. */
    private static void zipped(Spoilt table, int megabytes, boolean cut) throws IOException {
        ByteArrayOutputStream once = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(once)) {
            gzip.write(" ".repeat(1 << 20).getBytes(StandardCharsets.UTF_8));
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < (cut ? 1 : megabytes); i++) {
            bytes.write(once.toByteArray(), 0, cut ? once.size() / 2 : once.size());
        }
        Files.delete(table.metadata());
        Files.write(
                Path.of(table.metadata().toString().replace(".metadata.json", ".gz.metadata.json")),
                bytes.toByteArray());
    }

    private static void pipe(Path file) throws IOException {
        Files.deleteIfExists(file);
        try {
            if (new ProcessBuilder("mkfifo", file.toString()).start().waitFor() != 0) {
                throw new IOException("no pipe " + file);
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static void device(Path file) throws IOException {
        Files.deleteIfExists(file);
        Files.createSymbolicLink(file, Path.of("/dev/zero"));
    }
}
