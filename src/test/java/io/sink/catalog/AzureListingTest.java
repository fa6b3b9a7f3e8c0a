package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.SupportsPrefixOperations;
import org.junit.jupiter.api.Test;

/** As Iceberg's client for Azure lists by its code; no account was asked. */
class AzureListingTest {
    private static final String ROOT = "abfss://lake@account.dfs.core.windows.net/";

    private final List<String> asked = new ArrayList<>();

    @Test
    void a_prefix_is_listed_by_its_directory_and_names_become_locations() {
        assertThat(AzureListing.of(new Client(), ROOT + "t/metadata/sink-journal-"))
                .extracting(FileInfo::location)
                .containsExactly(ROOT + "t/metadata/sink-journal-1.json", ROOT + "t/metadata/sink-journal-2.json");
        assertThat(asked).containsExactly(ROOT + "t/metadata/");
    }

    @Test
    void a_directory_is_listed_whole() {
        assertThat(AzureListing.of(new Client(), ROOT + "t/metadata/")).hasSize(3);
    }

    @Test
    void is_for_no_other_storage() {
        for (String scheme : List.of("abfs", "abfss", "wasb", "WASBS")) {
            assertThat(AzureListing.isFor(scheme + "://c@a/t")).isTrue();
        }
        for (String location : List.of("s3://b/t", "gs://b/t", "/t", "file:/t", "abfs:t")) {
            assertThat(AzureListing.isFor(location)).isFalse();
        }
    }

    private final class Client implements SupportsPrefixOperations {
        @Override
        public Iterable<FileInfo> listPrefix(String prefix) {
            asked.add(prefix);
            return prefix.endsWith("/metadata/")
                    ? List.of(
                            new FileInfo("t/metadata/sink-journal-1.json", 1, 2),
                            new FileInfo("/t/metadata/v1.metadata.json", 1, 2),
                            new FileInfo(ROOT + "t/metadata/sink-journal-2.json", 1, 2))
                    : List.of();
        }

        @Override
        public void deletePrefix(String prefix) {
            throw new UnsupportedOperationException(prefix);
        }

        @Override
        public InputFile newInputFile(String path) {
            throw new UnsupportedOperationException(path);
        }

        @Override
        public OutputFile newOutputFile(String path) {
            throw new UnsupportedOperationException(path);
        }

        @Override
        public void deleteFile(String path) {
            throw new UnsupportedOperationException(path);
        }
    }
}
