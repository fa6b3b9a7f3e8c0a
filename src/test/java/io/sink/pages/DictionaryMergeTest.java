package io.sink.pages;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.Seeds;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Seeds.Given.class)
class DictionaryMergeTest {
    private static final PrimitiveType LONG =
            Types.required(PrimitiveTypeName.INT64).named("n");

    @Test
    void gives_every_value_one_id_however_often_the_limit_is_passed(Seeds seeds) throws Exception {
        seeds.once(random -> {
            for (int round = 0; round < 50; round++) {
                int limit = 8 * (1 + random.nextInt(3_000));
                DictionaryMerge merged = new DictionaryMerge(LONG, limit);
                List<Long> model = new ArrayList<>();
                for (int i = 0; i < 30; i++) {
                    long[] values = random.longs(1 + random.nextInt(900), 0, 6_000)
                            .distinct()
                            .toArray();

                    int[] map = merged.add(plain(values), offsets(values.length));

                    Set<Long> all = new HashSet<>(model);
                    int before = all.size();
                    Arrays.stream(values).forEach(all::add);
                    if (8L * all.size() <= limit || all.size() == before) {
                        Arrays.stream(values)
                                .filter(value -> !model.contains(value))
                                .forEach(model::add);
                        assertThat(map)
                                .isEqualTo(Arrays.stream(values)
                                        .mapToInt(model::indexOf)
                                        .toArray());
                    } else {
                        assertThat(map).isNull();
                    }
                    assertThat(merged.count()).isEqualTo(model.size());
                    assertThat(merged.bytes())
                            .isEqualTo(plain(
                                    model.stream().mapToLong(Long::longValue).toArray()));
                }
            }
        });
    }

    @Test
    void texts_of_one_hash_and_numbers_of_four_bytes_stay_apart() {
        PrimitiveType text = Types.required(PrimitiveTypeName.BINARY).named("s");
        DictionaryMerge texts = new DictionaryMerge(text, 1 << 10);
        // "Aa" and "BB" have the same hash.
        byte[] first = {2, 0, 0, 0, 'A', 'a', 2, 0, 0, 0, 'c', 'd'};
        byte[] second = {2, 0, 0, 0, 'B', 'B', 2, 0, 0, 0, 'A', 'a'};
        DictionaryMerge numbers =
                new DictionaryMerge(Types.required(PrimitiveTypeName.INT32).named("i"), 1 << 10);
        byte[] four = {1, 0, 0, 0, -1, -1, -1, -1, 1, 0, 0, -128};

        assertThat(texts.add(first, new int[] {0, 6, 12})).containsExactly(0, 1);
        assertThat(texts.add(second, new int[] {0, 6, 12})).containsExactly(2, 0);
        assertThat(numbers.add(four, new int[] {0, 4, 8, 12})).containsExactly(0, 1, 2);
        assertThat(numbers.add(four, new int[] {0, 4, 8, 12})).containsExactly(0, 1, 2);
    }

    @Test
    void a_mapping_is_identity_only_if_every_id_stays_the_last_one_too() {
        assertThat(DictionaryMerge.isIdentity(new int[] {0, 1, 2})).isTrue();
        assertThat(DictionaryMerge.isIdentity(new int[] {0, 1, 3})).isFalse();
        assertThat(DictionaryMerge.isIdentity(new int[] {1, 1, 2})).isFalse();
        assertThat(DictionaryMerge.isIdentity(new int[] {0, 2, 2})).isFalse();
        assertThat(DictionaryMerge.isIdentity(new int[] {1})).isFalse();
        assertThat(DictionaryMerge.isIdentity(new int[0])).isTrue();
    }

    @Test
    void a_column_of_booleans_has_no_dictionary_and_is_no_failure() {
        PrimitiveType truth = Types.required(PrimitiveTypeName.BOOLEAN).named("b");

        assertThat(new DictionaryMerge(truth, 100).count()).isZero();
    }

    private static byte[] plain(long[] values) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (long value : values) {
            bytes.writeBytes(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(value)
                    .array());
        }
        return bytes.toByteArray();
    }

    private static int[] offsets(int values) {
        int[] offsets = new int[values + 1];
        Arrays.setAll(offsets, i -> 8 * i);
        return offsets;
    }
}
