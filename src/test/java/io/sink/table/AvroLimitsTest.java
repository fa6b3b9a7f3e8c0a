package io.sink.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AvroLimitsTest {
    private static final String LIMITS = "org.apache.avro.limits.";
    private static final List<String> NAMES = List.of(
            LIMITS + "bytes.maxLength",
            LIMITS + "string.maxLength",
            LIMITS + "decompress.maxLength",
            LIMITS + "collectionItems.maxLength");

    private final List<@Nullable String> before = new ArrayList<>();

    @BeforeEach
    void unset() {
        NAMES.forEach(name -> before.add(System.clearProperty(name)));
    }

    @AfterEach
    void restore() {
        for (int i = 0; i < NAMES.size(); i++) {
            String value = before.get(i);
            if (value == null) {
                System.clearProperty(NAMES.get(i));
            } else {
                System.setProperty(NAMES.get(i), value);
            }
        }
    }

    @Test
    void every_bound_of_avro_is_a_part_of_the_heap() {
        AvroLimits.set();

        long heap = Runtime.getRuntime().maxMemory();
        assertThat(NAMES)
                .allSatisfy(name ->
                        assertThat(Long.parseLong(System.getProperty(name))).isBetween(1L, heap / 10));
        assertThat(Long.parseLong(System.getProperty(NAMES.get(3)))).isLessThan(heap / 100);
    }

    @Test
    void what_the_operator_has_set_stays() {
        System.setProperty(NAMES.get(0), "77");

        AvroLimits.set();

        assertThat(System.getProperty(NAMES.get(0))).isEqualTo("77");
    }
}
