package io.sink.rows;

import io.sink.table.DamagedFileException;
import io.sink.table.DeleteKey;
import io.sink.table.SoundParquet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.util.StructLikeMap;
import org.apache.iceberg.util.StructLikeWrapper;
import org.apache.iceberg.util.StructProjection;
import org.jspecify.annotations.Nullable;

/**
 * The equality deletes of one group, each delete file read once.
 *
 * <p>For each set of columns and each partition, the highest data sequence number of a deleted key is kept: a row is
 * dropped if that is higher than the one of the row's file. So all data files share one map, while Iceberg's own filter
 * builds a set for each sequence number.
 */
final class EqualityDeletes {
    private final Table table;
    private final Schema rows;
    private final Map<Scope, StructLikeMap<Long>> youngest = new HashMap<>();

    /** The columns that a delete compares, and the partition that it applies to; null for all partitions. */
    private record Scope(Set<Integer> fieldIds, @Nullable Partition partition) {}

    private record Partition(int specId, StructLikeWrapper value) {}

    /**
     * @param rows the schema of the rows to be tested
     */
    EqualityDeletes(Table table, Schema rows) {
        this.table = table;
        this.rows = rows;
    }

    /** Reads the equality deletes of these inputs. */
    void load(List<GroupInput> inputs) {
        Set<DeleteKey> seen = new HashSet<>();
        inputs.stream()
                .flatMap(input -> input.deletes().stream())
                .filter(delete -> delete.content() == FileContent.EQUALITY_DELETES)
                .filter(delete -> seen.add(DeleteKey.of(delete)))
                .forEach(this::read);
    }

    /** Whether an equality delete drops a row of this input. Not safe for use by several threads. */
    Predicate<Record> drops(GroupInput input) {
        Set<Scope> scopes = new HashSet<>();
        for (DeleteFile delete : input.deletes()) {
            if (delete.content() == FileContent.EQUALITY_DELETES) {
                scopes.add(scope(delete));
            }
        }
        long age = input.data().dataSequenceNumber();
        InternalRecordWrapper wrapper = new InternalRecordWrapper(rows.asStruct());
        List<Predicate<StructLike>> tests = new ArrayList<>();
        for (Scope scope : scopes) {
            StructLikeMap<Long> keys = youngest.get(scope);
            StructProjection key = StructProjection.create(rows, keySchema(scope.fieldIds()));
            if (keys != null) {
                tests.add(row -> {
                    Long delete = keys.get(key.wrap(row));
                    return delete != null && delete > age;
                });
            }
        }
        return row -> !tests.isEmpty() && any(tests, wrapper.wrap(row));
    }

    private static boolean any(List<Predicate<StructLike>> tests, StructLike row) {
        for (Predicate<StructLike> test : tests) {
            if (test.test(row)) {
                return true;
            }
        }
        return false;
    }

    private Scope scope(DeleteFile delete) {
        PartitionSpec spec = RowFiles.spec(table, delete.specId());
        return new Scope(
                Set.copyOf(delete.equalityFieldIds()),
                spec.isUnpartitioned()
                        ? null
                        : new Partition(
                                spec.specId(),
                                StructLikeWrapper.forType(spec.partitionType()).set(delete.partition())));
    }

    private Schema keySchema(Set<Integer> fieldIds) {
        return TypeUtil.select(rows, fieldIds);
    }

    private void read(DeleteFile delete) {
        Scope scope = scope(delete);
        Schema keySchema = keySchema(scope.fieldIds());
        StructLikeMap<Long> keys =
                youngest.computeIfAbsent(scope, unused -> StructLikeMap.create(keySchema.asStruct()));
        long read = 0;
        try (CloseableIterable<Record> deleted = new NamedRows(
                delete.location(),
                RowFiles.builder(
                                delete.format(),
                                SoundParquet.of(table.io().newInputFile(delete), delete.format()),
                                keySchema)
                        .build())) {
            InternalRecordWrapper wrapper = new InternalRecordWrapper(keySchema.asStruct());
            for (Record key : deleted) {
                StructLike owned = wrapper.copyFor(key);
                Long known = keys.get(owned);
                if (known == null || known < delete.dataSequenceNumber()) {
                    keys.put(owned, delete.dataSequenceNumber());
                }
                DamagedFileException.requireNoMore(delete, ++read);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        DamagedFileException.requireRows(delete, read);
    }
}
