package io.sink.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.testing.Expiry;
import io.sink.testing.PathTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.GenericBlobMetadata;
import org.apache.iceberg.GenericStatisticsFile;
import org.apache.iceberg.PartitionSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One file, named in two ways. */
class LocationNormalizerTest {
    private final LocationNormalizer spelling = new LocationNormalizer("s3a://exports");

    @TempDir
    Path warehouse;

    @ParameterizedTest
    @CsvSource({
        "s3a://b/t/f, s3://b/t/f",
        "S3://b/t/f, s3://b/t/f",
        "blob://t/f, s3://exports/t/f",
        "file:/t/f, /t/f",
        "file:///t/f, /t/f",
        "FILE:///t/f, /t/f",
        "/t//data/f, /t/data/f",
        "/t/./data/f, file:/t/data/f",
        "file:///t//data/f, /t//data/f",
        "abfs://c@a.dfs.core.windows.net/t/f, abfss://c@a.dfs.core.windows.net/t/f",
        "wasbs://c@a.blob.core.windows.net/t/f, abfss://c@a.dfs.core.windows.net/t/f",
    })
    void two_spellings_are_one_file(String one, String other) {
        assertThat(spelling.normal(one)).isEqualTo(spelling.normal(other));
    }

    @ParameterizedTest
    @CsvSource({"s3://b/t//f, s3://b/t/f", "/t/p=a%2Fb/f, /t/p=a/b/f", "gs://b/f, s3://b/f"})
    void two_files_are_not_one(String one, String other) {
        assertThat(spelling.normal(one)).isNotEqualTo(spelling.normal(other));
    }

    @ParameterizedTest
    @CsvSource({"/", "//", "/t//", "FILE:/", "/./", "/t/.."})
    void a_live_file_that_was_named_differently_before_stays(String difference) {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile file = table.append(1);
        String twin = switch (difference) {
            case "/" -> "file:" + file.location();
            case "//" -> file.location().replace("/data/", "//data/");
            case "/t//" -> "file://" + file.location().replace("/t/", "/t//");
            case "FILE:/" -> "FILE:" + file.location();
            case "/./" -> file.location().replace("/data/", "/./data/");
            default -> file.location().replace("/t/data/", "/t/metadata/../data/");
        };
        DataFile same = DataFiles.builder(PartitionSpec.unpartitioned())
                .withPath(twin)
                .withFormat(file.format())
                .withFileSizeInBytes(file.fileSizeInBytes())
                .withRecordCount(1)
                .build();
        table.load().newDelete().deleteFile(file).commit();
        table.load().newAppend().appendFile(same).commit();

        ActionResult result = Expiry.keeping(1).execute(table.load().operations());

        assertThat(Path.of(file.location())).as(result.toString()).exists();
        assertThat(result.reason()).isEqualTo(Reason.EXPIRED);
    }

    @Test
    void a_data_file_that_is_also_named_as_statistics_stays() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile file = table.append(1);
        long first = table.currentSnapshot();
        table.load()
                .updateStatistics()
                .setStatistics(new GenericStatisticsFile(
                        first,
                        file.location(),
                        file.fileSizeInBytes(),
                        10,
                        List.of(new GenericBlobMetadata("ndv", first, 1, List.of(1), Map.of()))))
                .commit();
        table.append(2);

        ActionResult result = Expiry.keeping(1).execute(table.load().operations());

        assertThat(result.reason()).isEqualTo(Reason.EXPIRED);
        assertThat(table.reader().reachable()).as(result.toString()).allMatch(Files::exists);
    }
}
