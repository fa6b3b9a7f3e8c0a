package io.sink.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.testing.Seeds;
import java.math.BigDecimal;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.PartitionData;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.UpdatePartitionSpec;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.inmemory.InMemoryCatalog;
import org.apache.iceberg.transforms.Transform;
import org.apache.iceberg.transforms.Transforms;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Chosen partitions, against the values that they can hold, tried one by one. */
@ExtendWith(Seeds.Given.class)
class PartitionFilterTest {
    private static final Schema SCHEMA = new Schema(
            Types.NestedField.optional(1, "id", Types.IntegerType.get()),
            Types.NestedField.optional(2, "region", Types.StringType.get()),
            Types.NestedField.optional(3, "ts", Types.TimestampType.withoutZone()),
            Types.NestedField.optional(4, "price", Types.DecimalType.of(9, 2)));

    private static final List<String> REGIONS = List.of("ap", "eu", "eu-north", "eu-west", "us", "us-east");

    /** Every half hour of some days at the turn of a year. */
    private static final List<LocalDateTime> TIMES = IntStream.range(0, 48 * 6)
            .mapToObj(half -> LocalDateTime.of(2025, 12, 29, 0, 0).plusMinutes(30L * half))
            .toList();

    private static final Map<String, List<?>> VALUES =
            Map.of("id", IntStream.range(-40, 80).boxed().toList(), "region", REGIONS, "ts", TIMES);

    private final InMemoryCatalog catalog = new InMemoryCatalog();

    @BeforeEach
    void open() {
        catalog.initialize("memory", Map.of());
        catalog.createNamespace(Namespace.of("db"));
    }

    private Table table(String name, PartitionSpec spec) {
        return catalog.createTable(TableIdentifier.of("db", name), SCHEMA, spec);
    }

    /**
     * A comparison of a column, or of a transform of it.
     *
     * @param transform empty for the column itself
     * @param values what it is compared with, as values of the domain
     */
    private record Leaf(String column, String transform, String operator, List<?> values) {
        String text() {
            String term = transform.isEmpty()
                    ? column
                    : transform.contains("[")
                            ? transform.replaceFirst("\\[(.*)]", "($1, ") + column + ")"
                            : transform + "(" + column + ")";
            String list = values.stream().map(this::literal).collect(Collectors.joining(", "));
            return switch (operator) {
                case "is null", "is not null" -> term + " " + operator;
                case "in", "not in" -> term + " " + operator + " (" + list + ")";
                case "like" -> term + " like '" + values.get(0) + "%'";
                default -> term + " " + operator + " " + list;
            };
        }

        private String literal(Object value) {
            if (value instanceof LocalDateTime time) {
                return "'" + time.toString().replace('T', ' ') + (time.getSecond() == 0 ? ":00" : "") + "'";
            }
            return value instanceof String text ? "'" + text + "'" : value.toString();
        }

        Leaf negated() {
            String other = switch (operator) {
                case "<" -> ">=";
                case "<=" -> ">";
                case ">" -> "<=";
                case ">=" -> "<";
                case "=" -> "<>";
                case "<>" -> "=";
                case "in" -> "not in";
                case "not in" -> "in";
                case "is null" -> "is not null";
                case "is not null" -> "is null";
                default -> "not " + operator;
            };
            return new Leaf(column, transform, other, values);
        }

        /** Whether it is true of a value, as in SQL; of a transform, of the transform's own value. */
        @SuppressWarnings({"unchecked", "rawtypes"})
        boolean isTrueOf(@Nullable Object value) {
            if (value == null || operator.equals("is null") || operator.equals("is not null")) {
                return operator.equals(value == null ? "is null" : "is not null");
            }
            int order = values.isEmpty() ? 0 : ((Comparable) value).compareTo(values.get(0));
            return switch (operator) {
                case "<" -> order < 0;
                case "<=" -> order <= 0;
                case ">" -> order > 0;
                case ">=" -> order >= 0;
                case "=" -> order == 0;
                case "<>" -> order != 0;
                case "in" -> values.contains(value);
                case "not in" -> !values.contains(value);
                case "like" -> value.toString().startsWith(values.get(0).toString());
                default -> !value.toString().startsWith(values.get(0).toString());
            };
        }

        /** Whether a field with this transform of the column decides it. */
        boolean isAnsweredBy(String field) {
            boolean test = operator.startsWith("is ");
            boolean negative = operator.equals("<>") || operator.startsWith("not");
            if (!transform.isEmpty()) {
                return field.equals(transform) || field.equals("identity");
            }
            if (field.equals("identity") || test) {
                return true;
            }
            if (operator.equals("not like") && field.equals("truncate[2]")) {
                return values.get(0).toString().length() <= 2;
            }
            return !negative && (!field.startsWith("bucket") || operator.equals("=") || operator.equals("in"));
        }

        /** Whether Iceberg may choose a partition that holds no such value: the order of texts that are cut off. */
        boolean isVagueIn(String field) {
            return column.equals("region") && field.startsWith("truncate") && transform.isEmpty();
        }
    }

    /** A tree of comparisons. */
    private sealed interface Tree {
        record One(Leaf leaf) implements Tree {}

        record Both(Tree left, boolean and, Tree right) implements Tree {}

        record Not(Tree tree) implements Tree {}
    }

    private static String text(Tree tree) {
        if (tree instanceof Tree.Both both) {
            return "(" + text(both.left()) + (both.and() ? " and " : " OR ") + text(both.right()) + ")";
        }
        return tree instanceof Tree.Not not
                ? "not " + text(not.tree())
                : ((Tree.One) tree).leaf().text();
    }

    private static Set<Leaf> leaves(Tree tree, boolean negated) {
        Set<Leaf> leaves = new HashSet<>();
        if (tree instanceof Tree.Both both) {
            leaves.addAll(leaves(both.left(), negated));
            leaves.addAll(leaves(both.right(), negated));
        } else if (tree instanceof Tree.Not not) {
            leaves.addAll(leaves(not.tree(), !negated));
        } else {
            Leaf leaf = ((Tree.One) tree).leaf();
            leaves.add(negated ? leaf.negated() : leaf);
        }
        return leaves;
    }

    @Test
    void chooses_the_partitions_that_can_hold_such_rows(Seeds seeds) throws Exception {
        int[] made = new int[4];
        seeds.each("sink.cases", 500, random -> {
            Table table = table("t" + random.seed(), PartitionSpec.unpartitioned());
            evolve(table, random);
            Tree tree = tree(random, 2);
            Set<Leaf> leaves = leaves(tree, false);
            boolean answered = table.specs().values().stream()
                    .anyMatch(spec -> leaves.stream().allMatch(leaf -> answers(leaf, spec)));
            PartitionFilter filter;
            try {
                filter = PartitionFilter.of(Where.parse(text(tree)), table);
                assertThat(answered).as(text(tree) + " of " + table.specs()).isTrue();
            } catch (PartitionFilter.UnansweredException e) {
                assertThat(answered)
                        .as(text(tree) + " of " + table.specs() + ": " + e.getMessage())
                        .isFalse();
                made[0]++;
                return;
            }
            for (PartitionSpec spec : table.specs().values()) {
                boolean answers = leaves.stream().allMatch(leaf -> answers(leaf, spec));
                boolean vague = leaves.stream()
                        .anyMatch(leaf -> spec.fields().stream()
                                .anyMatch(field -> isOf(field, leaf)
                                        && leaf.isVagueIn(field.transform().toString())));
                for (int i = 0; i < 8; i++) {
                    DataFile file = file(spec, random);
                    String as = text(tree) + " of " + spec + " " + file.partition();
                    boolean can = answers && canHold(tree, false, spec, file);

                    assertThat(filter.answers(file)).as(as).isEqualTo(answers);
                    if (can || !vague) {
                        assertThat(filter.has(file)).as(as).isEqualTo(can);
                    }
                    made[can ? 1 : answers ? 2 : 3]++;
                }
            }
        });
        // Every kind of end was met.
        assertThat(made).doesNotContain(0);
    }

    private static boolean isOf(PartitionField field, Leaf leaf) {
        return field.sourceId() == SCHEMA.findField(leaf.column()).fieldId();
    }

    private static boolean answers(Leaf leaf, PartitionSpec spec) {
        return spec.fields().stream()
                .anyMatch(field ->
                        isOf(field, leaf) && leaf.isAnsweredBy(field.transform().toString()));
    }

    /** Whether, for each comparison that has to be true, each field that decides it can hold a value of which it is. */
    private static boolean canHold(Tree tree, boolean negated, PartitionSpec spec, DataFile file) {
        if (tree instanceof Tree.Both both) {
            boolean left = canHold(both.left(), negated, spec, file);
            boolean right = canHold(both.right(), negated, spec, file);
            return both.and() != negated ? left && right : left || right;
        }
        if (tree instanceof Tree.Not not) {
            return canHold(not.tree(), !negated, spec, file);
        }
        Leaf one = ((Tree.One) tree).leaf();
        Leaf leaf = negated ? one.negated() : one;
        for (int at = 0; at < spec.fields().size(); at++) {
            PartitionField field = spec.fields().get(at);
            String transform = field.transform().toString();
            if (!isOf(field, leaf) || !leaf.isAnsweredBy(transform)) {
                continue;
            }
            Object held = file.partition().get(at, Object.class);
            boolean can = transform.equals(leaf.transform())
                    ? leaf.isTrueOf(held)
                    : values(leaf.column())
                            .anyMatch(value -> Objects.equals(transformed(field, value), held)
                                    && leaf.isTrueOf(leaf.transform().isEmpty() ? value : inBucket(field, value)));
            if (!can) {
                return false;
            }
        }
        return true;
    }

    private static Stream<@Nullable Object> values(String column) {
        List<@Nullable Object> all = new ArrayList<>(Objects.requireNonNull(VALUES.get(column)));
        if (column.equals("ts")) {
            // There is time after the last half hour of an hour.
            TIMES.forEach(time -> all.add(time.plusMinutes(17)));
        }
        all.add(null);
        return all.stream();
    }

    @SuppressWarnings("unchecked")
    private static @Nullable Object transformed(PartitionField field, @Nullable Object value) {
        Type type = SCHEMA.findType(field.sourceId());
        Object stored = value instanceof LocalDateTime time
                ? (Object) (time.toEpochSecond(ZoneOffset.UTC) * 1_000_000L)
                : value;
        Object made = ((Transform<Object, Object>) field.transform()).bind(type).apply(stored);
        return made instanceof CharSequence text ? text.toString() : made;
    }

    private static @Nullable Object inBucket(PartitionField field, @Nullable Object value) {
        return Transforms.bucket(4).bind(SCHEMA.findType(field.sourceId())).apply(value);
    }

    private static DataFile file(PartitionSpec spec, Random random) {
        Map<Integer, @Nullable Object> row = new HashMap<>();
        VALUES.forEach((column, values) -> row.put(
                SCHEMA.findField(column).fieldId(),
                random.nextInt(8) == 0 ? null : values.get(random.nextInt(values.size()))));
        PartitionData partition = new PartitionData(spec.partitionType());
        for (int at = 0; at < spec.fields().size(); at++) {
            PartitionField field = spec.fields().get(at);
            partition.set(at, transformed(field, row.get(field.sourceId())));
        }
        return DataFiles.builder(spec)
                .withPath("file.parquet")
                .withPartition(spec.isPartitioned() ? partition : null)
                .withFileSizeInBytes(1)
                .withRecordCount(1)
                .build();
    }

    private static void evolve(Table table, Random random) {
        for (int change = 1 + random.nextInt(2); change > 0; change--) {
            UpdatePartitionSpec update = table.updateSpec();
            Set<String> there =
                    table.spec().fields().stream().map(PartitionField::name).collect(Collectors.toSet());
            Set<Integer> sources =
                    table.spec().fields().stream().map(PartitionField::sourceId).collect(Collectors.toSet());
            if (!there.isEmpty() && random.nextBoolean()) {
                update.removeField(there.iterator().next());
            }
            // Two transforms of one column that follow from each other are refused.
            if (!sources.contains(1)) {
                switch (random.nextInt(4)) {
                    case 0 -> update.addField(Expressions.bucket("id", 4));
                    case 1 -> update.addField(Expressions.truncate("id", 10));
                    case 2 -> update.addField("id");
                    default -> {}
                }
            }
            if (!sources.contains(2)) {
                switch (random.nextInt(3)) {
                    case 0 -> update.addField("region");
                    case 1 -> update.addField(Expressions.truncate("region", 2));
                    default -> {}
                }
            }
            if (!sources.contains(3)) {
                switch (random.nextInt(5)) {
                    case 0 -> update.addField(Expressions.year("ts"));
                    case 1 -> update.addField(Expressions.month("ts"));
                    case 2 -> update.addField(Expressions.day("ts"));
                    case 3 -> update.addField(Expressions.hour("ts"));
                    default -> {}
                }
            }
            update.commit();
        }
    }

    private static Tree tree(Random random, int depth) {
        if (depth == 0 || random.nextInt(3) == 0) {
            return new Tree.One(leaf(random));
        }
        return random.nextInt(4) == 0
                ? new Tree.Not(tree(random, depth - 1))
                : new Tree.Both(tree(random, depth - 1), random.nextBoolean(), tree(random, depth - 1));
    }

    private static Leaf leaf(Random random) {
        String column = List.of("id", "region", "ts").get(random.nextInt(3));
        if (column.equals("id") && random.nextInt(4) == 0) {
            return random.nextBoolean()
                    ? new Leaf(column, "bucket[4]", any(random, "=", "<>", "<", ">="), List.of(random.nextInt(4)))
                    : new Leaf(column, "bucket[4]", any(random, "in", "not in"), List.of(0, 3));
        }
        List<?> domain = Objects.requireNonNull(VALUES.get(column));
        Object one = domain.get(random.nextInt(domain.size()));
        return switch (random.nextInt(5)) {
            case 0 -> new Leaf(column, "", any(random, "is null", "is not null"), List.of());
            case 1 ->
                new Leaf(
                        column,
                        "",
                        any(random, "in", "not in"),
                        List.of(one, domain.get(random.nextInt(domain.size()))).stream()
                                .distinct()
                                .toList());
            case 2 ->
                column.equals("region")
                        ? new Leaf(column, "", "like", List.of(any(random, "e", "eu", "eu-", "us")))
                        : new Leaf(column, "", any(random, "=", "<>"), List.of(one));
            default -> new Leaf(column, "", any(random, "<", "<=", ">", ">=", "="), List.of(one));
        };
    }

    private static String any(Random random, String... some) {
        return some[random.nextInt(some.length)];
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "year(ts) = 2026 | year | true",
                "year(ts) < 2026 | year | false",
                "ts < '2026-01-01' | year | false",
                "month(ts) = '2026-01' | month | true",
                "month(ts) <> '2026-01' | month | false",
                "day(ts) > '2026-01-01' | day | true",
                "day(ts) > '2026-01-02' | day | false",
                "ts < '2026-01-02' | day | false",
                "ts <= '2026-01-02 10:00:00' | day | true",
                "ts >= '2026-01-02T11:00:00' | hour | false",
                "hour(ts) = '2026-01-02T10' | hour | true",
                "hour(ts) > '2026-01-02 10' | hour | false",
                "price = 1.5 | identity | true",
                "price < 1 | identity | false",
                "price in ('1.5', '2') | identity | true",
                "price in (1.50, 2) | identity | true",
            })
    void compares_times_and_decimals_as_people_write_them(String text, String transform, boolean chosen) {
        PartitionSpec.Builder spec = PartitionSpec.builderFor(SCHEMA);
        switch (transform) {
            case "year" -> spec.year("ts");
            case "month" -> spec.month("ts");
            case "day" -> spec.day("ts");
            case "hour" -> spec.hour("ts");
            default -> spec.identity("price");
        }
        Table table = table("t", spec.build());
        PartitionField field = table.spec().fields().get(0);
        PartitionData partition = new PartitionData(table.spec().partitionType());
        partition.set(
                0,
                transformed(
                        field,
                        transform.equals("identity") ? new BigDecimal("1.50") : LocalDateTime.of(2026, 1, 2, 10, 0)));
        DataFile file = DataFiles.builder(table.spec())
                .withPath("file.parquet")
                .withPartition(partition)
                .withFileSizeInBytes(1)
                .withRecordCount(1)
                .build();

        assertThat(PartitionFilter.of(Where.parse(text), table).has(file)).isEqualTo(chosen);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nosuch = 1 | where does not fit the table: Cannot find field 'nosuch'",
                "id = 'x' | where does not fit the table: Invalid value for conversion to type int: x",
                "price = 1.505 | where does not fit the table: 1.505 has more digits than decimal(9, 2)",
                "region = 5 | where does not fit the table: Invalid value for conversion to type string: 5",
                "id in (1, 'x') | where does not fit the table: Invalid value for conversion to type int: \"x\"",
                "id = true | where does not fit the table: Invalid value for conversion to type int: true",
                "ts > 1793491200 | where does not fit the table: 1793491200 is no timestamp; write it as '2026-11-01'",
                "price = '1.505' | where does not fit the table: 1.505 has more digits than decimal(9, 2)",
                "id = 1.5 | where does not fit the table: Invalid value for conversion to type int: 1.5",
                "ts > 'yesterday' | where does not fit the table: Text 'yesterday' could not be parsed",
                "year(id) = 2026 | where does not fit the table: ",
                "truncate(2, ts) = 1 | where does not fit the table: ",
                "id like 'x%' | where does not fit the table: ",
                "id > 5 | the table is partitioned by bucket[4] of id, identity of region",
                "region = 'eu' and ts > '2026-01-01' | no partition answers ts > …",
                "region = 'eu' or bucket(8, id) = 1 | no partition answers bucket[8](id) = …",
            })
    void says_what_no_partition_answers(String text, String why) {
        PartitionSpec spec = PartitionSpec.builderFor(SCHEMA)
                .bucket("id", 4)
                .identity("region")
                .build();
        Table table = table("t", spec);

        assertThatThrownBy(() -> PartitionFilter.of(Where.parse(text), table))
                .isInstanceOf(PartitionFilter.UnansweredException.class)
                .hasMessageContaining(why);
    }
}
