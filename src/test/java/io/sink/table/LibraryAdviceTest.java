package io.sink.table;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Table;
import org.apache.iceberg.aws.s3.S3FileIO;
import org.apache.iceberg.data.DeleteFilter;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.orc.ORC;
import org.apache.iceberg.parquet.Parquet;
import org.apache.orc.OrcFile;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.junit.jupiter.api.Test;

/** What libraries advise is not shown as if it were this program's advice. */
class LibraryAdviceTest {
    /** One class of each library whose exceptions reach a report. */
    private static final List<Class<?>> LIBRARIES = List.of(
            Table.class,
            BaseTable.class,
            DeleteFilter.class,
            Parquet.class,
            ORC.class,
            S3FileIO.class,
            ParquetFileReader.class,
            ColumnReader.class,
            BytesInput.class,
            OrcFile.class,
            Schema.class,
            JsonFactory.class);

    private static final Pattern ADVISING = Pattern.compile(
            "\\bplease\\b|\\bconsider \\w+ing\\b|\\brecommend(ed)? |\\btry setting\\b|\\bset \\S+ to (true|false)\\b"
                    + "|\\buse (\\w+\\.)?\\w+\\(\\) to|\\(use \\w+\\)|orphan files|\\bretry this\\b",
            Pattern.CASE_INSENSITIVE);

    /** Texts that only a log has, or a caller that the program is not. */
    private static final List<String> BESIDE_THE_POINT = List.of(
            " support is deprecated. Please upgrade to Hadoop",
            "TypeRegistry contains the descriptors",
            "A boolean flag to determine if the selected vector",
            "Please use another key name.",
            "Iceberg REST client is missing the OAuth2 server URI",
            "Please explicitly set {} to avoid this warning.",
            "No recommended schema for ",
            "Optimistic locking is not available in the environment.",
            "Please use Reader.getStripeStatistics",
            "Please remove this property to let the signer use the default",
            "Setting parquet.enable.summary-metadata is deprecated",
            "Please use the property {}={} instead.",
            "This extension is for a different message type.",
            "Timeout occurred when waiting for commits to complete.",
            "corrupted RowGroup.file_offset found");

    @Test
    void keeps_what_was_wrong_and_leaves_out_what_a_library_advises() {
        Exception lost = new IOException("HTTP/1.1 502");

        assertThat(Failures.message(new CommitStateUnknownException(lost))).isEqualTo("HTTP/1.1 502: IOException");
        assertThat(Failures.message(new IllegalStateException(new CommitStateUnknownException(lost))))
                .contains("HTTP/1.1 502")
                .doesNotContain("Orphan", "retrying");
        assertThat(Failures.message(new IllegalArgumentException(
                        "Cannot decrypt manifest: s3://lake/m.avro (use EncryptingFileIO)")))
                .isEqualTo("Cannot decrypt manifest: s3://lake/m.avro");
        assertThat(Failures.message(new IllegalArgumentException(
                        "Read failure possibly due to PARQUET-246: try setting parquet.split.files to false")))
                .isEqualTo("Read failure possibly due to PARQUET-246");
        assertThat(Failures.message(new IllegalStateException("Corruption in ORC data encountered. To skip reading"
                        + " corrupted data, set hive.exec.orc.skip.corrupt.data to true")))
                .isEqualTo("Corruption in ORC data encountered");
        assertThat(Failures.message(new IllegalStateException("Illegal character ((CTRL-CHAR, code 30)): only regular"
                        + " white space is allowed between tokens (consider enabling"
                        + " `JsonReadFeature.ALLOW_RS_CONTROL_CHAR` to allow use of Record Separators (\\u001E))")))
                .endsWith("is allowed between tokens");
    }

    @Test
    void keeps_what_a_server_says() {
        assertThat(Failures.message(new IllegalStateException("token expired, please ask ops@example.com")))
                .isEqualTo("token expired, please ask ops@example.com");
    }

    @Test
    void knows_every_text_by_which_the_libraries_advise() throws IOException {
        Set<String> advising = new TreeSet<>();
        for (Class<?> library : LIBRARIES) {
            texts(library).filter(text -> ADVISING.matcher(text).find()).forEach(advising::add);
        }

        assertThat(advising).anyMatch(text -> text.contains("Remove Orphan Files Action"));
        assertThat(advising)
                .filteredOn(text -> BESIDE_THE_POINT.stream().noneMatch(text::contains))
                .isNotEmpty()
                .allSatisfy(text -> assertThat(
                                ADVISING.matcher(LibraryAdvice.without(text)).find())
                        .as(text)
                        .isFalse());
        assertThat(BESIDE_THE_POINT).allSatisfy(known -> assertThat(advising).anyMatch(text -> text.contains(known)));
    }

    /** The constant texts of all classes of the jar that this one is of. */
    private static Stream<String> texts(Class<?> library) throws IOException {
        URL jar = library.getProtectionDomain().getCodeSource().getLocation();
        Set<String> texts = new TreeSet<>();
        try (JarFile file = new JarFile(new File(URI.create(jar.toString())))) {
            for (Enumeration<JarEntry> entries = file.entries(); entries.hasMoreElements(); ) {
                JarEntry entry = entries.nextElement();
                if (entry.getName().endsWith(".class")) {
                    try (InputStream in = file.getInputStream(entry)) {
                        texts.addAll(constants(in.readAllBytes()));
                    }
                }
            }
        }
        return texts.stream();
    }

    /** Of a class file (JVMS 4.4), the texts of its constants. */
    private static List<String> constants(byte[] type) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(type));
        in.skipNBytes(8);
        String[] texts = new String[in.readUnsignedShort()];
        for (int i = 1; i < texts.length; i++) {
            int tag = in.readUnsignedByte();
            switch (tag) {
                case 1 -> texts[i] = in.readUTF();
                case 3, 4, 9, 10, 11, 12, 17, 18 -> in.skipNBytes(4);
                case 5, 6 -> {
                    in.skipNBytes(8);
                    i++;
                }
                case 15 -> in.skipNBytes(3);
                default -> in.skipNBytes(2);
            }
        }
        return Arrays.stream(texts).filter(text -> text != null).toList();
    }
}
