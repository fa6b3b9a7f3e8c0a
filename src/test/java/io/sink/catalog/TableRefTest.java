package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TableRefTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "lake.web.events|lake,web,events",
                "lake.events|lake,events",
                "lake.tt.`a.b`|lake,tt,a.b",
                "lake.tt.a.b|lake,tt,a,b",
                "lake.`x``y`|lake,x`y",
                "lake.`.`.t|lake,.,t"
            })
    void a_name_is_one_tables_and_can_be_read_again(String fullName, String joined) {
        List<String> levels = List.of(joined.split(","));
        TableRef ref = new TableRef(levels.get(0), levels.subList(1, levels.size() - 1), levels.get(levels.size() - 1));

        assertThat(ref.fullName()).isEqualTo(fullName);
        assertThat(TableRef.levels(fullName)).isEqualTo(levels);
    }
}
