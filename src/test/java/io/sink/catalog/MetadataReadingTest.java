package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.iceberg.io.InputFile;
import org.junit.jupiter.api.Test;

/** Iceberg asks again, up to twenty times, after anything but a {@link NotFoundException}. */
class MetadataReadingTest {
    private static final ForbiddenException DENIED = new ForbiddenException("403");

    @Test
    void what_is_refused_is_not_asked_for_again_and_the_refusal_is_told() {
        assertThatThrownBy(() -> MetadataReading.of(() -> {
                    throw told(DENIED);
                }))
                .isSameAs(DENIED);
        MetadataReading.of(() -> assertThat(told(DENIED)).isInstanceOf(NotFoundException.class));
    }

    @Test
    void what_may_pass_is_asked_for_again() {
        RuntimeIOException reset = new RuntimeIOException("Connection reset");
        List<RuntimeException> told = MetadataReading.of(() -> {
            List<RuntimeException> all = new ArrayList<>();
            for (int attempt = 0; attempt < 10; attempt++) {
                all.add(told(reset));
            }
            return all;
        });

        assertThat(told).allMatch(failure -> failure == reset);
        assertThat(told(DENIED)).as("while no table is loaded").isSameAs(DENIED);
    }

    @Test
    void a_file_of_any_name_is_bounded_while_a_table_is_loaded() {
        InputFile file = new InMemoryInputFile("x.gz.metadata.json/plain", new byte[8]);

        assertThat(WholeMetadata.of(file)).isSameAs(file);
        MetadataReading.of(() -> assertThat(WholeMetadata.of(file)).isNotSameAs(file));
    }

    private static RuntimeException told(RuntimeException failure) {
        return MetadataReading.failed("s3://lake/t/metadata/v1.metadata.json", failure);
    }
}
