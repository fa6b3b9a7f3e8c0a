package io.sink.orphans;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.table.LocationNormalizer;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AntiJoinTest {

    private static TreeSet<String> unnamed(String live, String... listed) {
        try (AntiJoin join = new AntiJoin(new LocationNormalizer(null))) {
            join.live(live);
            for (String file : listed) {
                join.listed(new ListedFile(file, 1));
            }
            TreeSet<String> unnamed = new TreeSet<>();
            join.unnamed(file -> unnamed.add(file.location()), file -> unnamed.add("doubtful " + file.location()));
            return unnamed;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "s3a://lake/t/x, s3://lake/t/x",
        "S3N://lake/t/x, s3://lake/t/x",
        "s3://lake/t//x, s3://lake/t/x",
        "s3://lake/t/x, s3://lake//t/x",
        "file:///lake/t/x, /lake/t/x",
        "file:/lake/t/x, /lake//t/x",
        "gs://lake/t/x, gs://lake/t/x"
    })
    void knows_a_live_file_under_each_of_its_names(String live, String listed) {
        assertThat(unnamed(live, listed)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "s3://lake/t/x, s3://lake/t/x.crc",
        "s3://lake/t1/x, s3://lake/t10/x",
        "/t/x, /t/x#copy",
        "/t/x, /t/x?copy",
    })
    void takes_for_another_file_what_only_looks_alike(String live, String listed) {
        assertThat(unnamed(live, listed)).containsExactly(listed);
    }

    @ParameterizedTest
    @CsvSource({
        "s3://lake/t/p=a%2Fb/x, s3://lake/t/p=a/b/x",
        "s3://lake/t/p=a%2Fb/x, s3://lake/t/p=a%252Fb/x",
        "s3://lake/t/x, s3://lake/t/X",
        "s3://lake/t/x#1, s3://lake/t/x",
        "s3://lake/t/x, s3://lake/t/x#1",
        "s3://lake/t/x?v=1, s3://lake/t/x",
        "gs://lake/t/./x, gs://lake/t/x",
        "abfss://c@a/t/x/, abfss://c@a/t/x",
        "/t/a%20b, /t/a b",
        "/t/X, /t/x",
    })
    void doubts_what_some_storage_could_take_for_a_live_file(String live, String listed) {
        assertThat(unnamed(live, listed)).containsExactly("doubtful " + listed);
    }

    @ParameterizedTest
    @CsvSource({
        "hdfs://one:8020/t/x, hdfs://two:8020/t/x",
        "hdfs:/t/x, hdfs://one/t/x",
        "s3://lake/t/x, gs://lake/t/x",
        "s3://lake/t/x, s3://pond/t/x",
        "/t/x, hdfs://one/t/x"
    })
    void ends_where_a_live_path_comes_under_another_scheme_or_authority(String live, String listed) {
        assertThatThrownBy(() -> unnamed(live, listed))
                .isInstanceOf(LocationMismatchException.class)
                .hasMessageContaining(listed);
    }

    @Test
    void finds_the_few_among_many_past_what_is_held_in_memory() {
        try (AntiJoin join = new AntiJoin(new LocationNormalizer(null))) {
            int files = 200_000;
            for (int i = 0; i < files; i++) {
                String file = "s3://lake/t/data/%032d.parquet".formatted(i);
                join.listed(new ListedFile(file, i));
                if (i % 50_000 != 17) {
                    join.live(file);
                    join.live(file);
                }
            }

            TreeSet<Long> left = new TreeSet<>();
            join.unnamed(file -> left.add(file.bytes()), file -> {});

            assertThat(left).containsExactly(17L, 50_017L, 100_017L, 150_017L);
        }
    }
}
