package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.testing.JavaProcess;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.io.BulkDeletionFailureException;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.StorageCredential;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoutedFileIOTest {

    /** Nothing listens there; an S3 request to it fails at once. */
    private static final Map<String, String> S3 = Map.of(
            "s3.endpoint", "http://127.0.0.1:9",
            "s3.access-key-id", "key",
            "s3.secret-access-key", "secret",
            "s3.path-style-access", "true",
            "client.region", "us-east-1",
            "s3.retry.num-retries", "0");

    @TempDir
    Path directory;

    @Test
    void local_files_go_through_no_other_storage() throws IOException {
        try (RoutedFileIO io = new RoutedFileIO()) {
            io.initialize(Map.of());
            io.newOutputFile("file:" + directory + "/a").create().close();

            assertThat(io.newInputFile("file:" + directory + "/a")).isInstanceOf(LocalInputFile.class);
            assertThat(io.listPrefix(directory + "/"))
                    .extracting(FileInfo::location)
                    .containsExactly(directory + "/a");
            io.deleteFile(directory + "/a");
            assertThat(directory).isEmptyDirectory();
        }
    }

    @Test
    void local_files_load_no_class_of_hadoop() throws Exception {
        Process process = JavaProcess.of(
                        List.of("-verbose:class"), Routing.class.getName(), List.of(directory.toString()))
                .redirectErrorStream(true)
                .redirectOutput(new File(directory.toFile(), "classes.log"))
                .start();

        assertThat(process.waitFor()).isZero();
        List<String> loaded = Files.readAllLines(directory.resolve("classes.log"));
        assertThat(loaded).anyMatch(line -> line.contains(" io.sink.catalog.RoutedFileIO "));
        assertThat(loaded).noneMatch(line -> line.contains(" org.apache.hadoop."));
    }

    /** Run in a process of its own, so that no other test has loaded a class before. */
    static final class Routing {
        private Routing() {}

        public static void main(String[] args) throws IOException {
            try (RoutedFileIO io = new RoutedFileIO()) {
                io.initialize(S3);
                io.newOutputFile(args[0] + "/a").create().close();
                io.listPrefix(args[0] + "/").forEach(file -> {});
                io.newInputFile(args[0] + "/a").getLength();
            }
        }
    }

    @Test
    void a_bulk_deletion_over_two_storages_tries_both_and_counts_all_failures() throws IOException {
        try (RoutedFileIO io = new RoutedFileIO()) {
            io.initialize(S3);
            io.newOutputFile(directory + "/local").create().close();
            io.newOutputFile(directory + "/full/of").create().close();

            assertThatThrownBy(() -> io.deleteFiles(
                            List.of("s3://bucket/one", directory + "/full", "s3://bucket/two", directory + "/local")))
                    .isInstanceOfSatisfying(
                            BulkDeletionFailureException.class,
                            e -> assertThat(e.numberFailedObjects()).isEqualTo(3));

            assertThat(directory.resolve("local")).doesNotExist();
        }
    }

    @Test
    void passes_on_vended_credentials_before_and_after_storage_is_open() {
        StorageCredential first = StorageCredential.create("s3://bucket", Map.of("s3.access-key-id", "vended"));
        StorageCredential second = StorageCredential.create("s3://bucket", Map.of("s3.access-key-id", "renewed"));

        try (RoutedFileIO io = new RoutedFileIO()) {
            io.setCredentials(List.of(first));
            io.initialize(S3);
            io.newInputFile("s3://bucket/key");
            assertThat(io.credentials()).containsExactly(first);

            io.setCredentials(List.of(second));
            assertThat(io.credentials()).containsExactly(second);
        }
    }

    @Test
    void an_override_beats_what_the_server_said() {
        try (RoutedFileIO io = new RoutedFileIO()) {
            io.initialize(
                    Map.of("s3.remote-signing-enabled", "true", "sink.override.s3.remote-signing-enabled", "false"));

            assertThat(io.properties()).containsExactly(Map.entry("s3.remote-signing-enabled", "false"));
        }
    }

    @Test
    void a_storage_class_that_somebody_names_serves_behind_ours() {
        String s3 = "org.apache.iceberg.aws.s3.S3FileIO";

        assertThat(RoutedFileIO.inFrontOf(Map.of("a", "b", "io-impl", s3)))
                .isEqualTo(Map.of("a", "b", "io-impl", RoutedFileIO.class.getName(), RoutedFileIO.REMOTE, s3));
        assertThat(RoutedFileIO.inFrontOf(Map.of()))
                .isEqualTo(RoutedFileIO.inFrontOf(Map.of("io-impl", "org.apache.iceberg.io.ResolvingFileIO")))
                .isEqualTo(Map.of("io-impl", RoutedFileIO.class.getName()));
        for (String stays : List.of("org.apache.iceberg.hadoop.HadoopFileIO", "com.example.NotHere")) {
            assertThat(RoutedFileIO.inFrontOf(Map.of("io-impl", stays))).isEqualTo(Map.of("io-impl", stays));
        }
    }
}
