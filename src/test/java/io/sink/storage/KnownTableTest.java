package io.sink.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.storage.Locations.Place;
import io.sink.storage.OtherTables.KnownTable;
import io.sink.table.LocationNormalizer;
import java.util.List;
import org.junit.jupiter.api.Test;

class KnownTableTest {
    @Test
    void what_it_borrows_comes_to_where_it_was_before() {
        Place home = place("s3://lake/t");
        Place before = place("s3://lake/before");
        Place replica = place("s3://copy/t");

        KnownTable table = new KnownTable("lake.t", "uuid", null, List.of(home), List.of(), List.of(before))
                .withBorrowed(List.of(replica, before));

        assertThat(table.held()).containsExactly(home, before, replica);
        assertThat(table.shares(place("s3://lake/before/data"))).isTrue();
    }

    private static Place place(String location) {
        return Place.of(location, new LocationNormalizer(null));
    }
}
