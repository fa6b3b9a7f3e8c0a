package io.sink.testing;

import io.sink.testing.ManifestFiles.Blob;
import io.sink.testing.ManifestFiles.Content;
import io.sink.testing.ManifestFiles.LiveFile;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/**
 * Which rows of a data file a snapshot's delete files take away (spec, "Scan Planning").
 *
 * <p>Every delete file whose partition and sequence number fit is read; no bounds are trusted.
 */
final class RowDeletes {
    private static final int FILE_PATH = 2147483546;
    private static final int POS = 2147483545;

    private final TableJson table;
    private final List<LiveFile> files;
    private final LiveRows rows;
    private final Function<String, Path> locate;
    private final Connection duckdb;
    private final Map<LiveFile, Map<String, BitSet>> positionsRead = new HashMap<>();
    private final Map<LiveFile, Set<String>> keysRead = new HashMap<>();

    RowDeletes(TableJson table, List<LiveFile> files, LiveRows rows, Function<String, Path> locate, Connection duckdb) {
        this.table = table;
        this.files =
                files.stream().filter(file -> file.content() != Content.DATA).toList();
        this.rows = rows;
        this.locate = locate;
        this.duckdb = duckdb;
    }

    /** Positions deleted in the data file: by its deletion vector alone if it has one, else by position deletes. */
    BitSet positions(LiveFile data) throws IOException, SQLException {
        List<LiveFile> applied = files.stream()
                .filter(delete -> delete.content() == Content.POSITION_DELETES)
                .filter(delete -> data.sequence() <= delete.sequence() && samePartition(data, delete))
                .filter(delete -> delete.referenced() == null || data.path().equals(delete.referenced()))
                .toList();
        for (LiveFile delete : applied) {
            Blob blob = delete.blob();
            if (blob != null) {
                return DeletionVector.read(locate.apply(delete.path()), blob.offset(), blob.length(), delete.records());
            }
        }
        BitSet positions = new BitSet();
        for (LiveFile delete : applied) {
            positions.or(positionsIn(delete).getOrDefault(data.path(), new BitSet()));
        }
        return positions;
    }

    /** Keys deleted in the data file, sets by the field ids they are made of. */
    Map<List<Integer>, List<Set<String>>> keys(LiveFile data) throws IOException, SQLException {
        Map<List<Integer>, List<Set<String>>> keys = new LinkedHashMap<>();
        for (LiveFile delete : files) {
            if (delete.content() == Content.EQUALITY_DELETES
                    && data.sequence() < delete.sequence()
                    && (table.unpartitioned(delete.spec()) || samePartition(data, delete))) {
                keys.computeIfAbsent(delete.equalityIds(), ids -> new ArrayList<>())
                        .add(keysIn(delete));
            }
        }
        return keys;
    }

    private static boolean samePartition(LiveFile data, LiveFile delete) {
        return data.spec() == delete.spec() && data.partition().equals(delete.partition());
    }

    private Map<String, BitSet> positionsIn(LiveFile delete) throws IOException, SQLException {
        Map<String, BitSet> known = positionsRead.get(delete);
        if (known != null) {
            return known;
        }
        ParquetColumn columns = rows.columns(delete, duckdb);
        String path =
                RowSql.name(Objects.requireNonNull(columns.child(FILE_PATH)).name());
        String pos = RowSql.name(Objects.requireNonNull(columns.child(POS)).name());
        Map<String, BitSet> positions = new HashMap<>();
        try (Statement statement = duckdb.createStatement();
                ResultSet result = statement.executeQuery("SELECT " + path + ", " + pos + rows.from(delete))) {
            while (result.next()) {
                positions
                        .computeIfAbsent(result.getString(1), file -> new BitSet())
                        .set(Math.toIntExact(result.getLong(2)));
            }
        }
        positionsRead.put(delete, positions);
        return positions;
    }

    private Set<String> keysIn(LiveFile delete) throws IOException, SQLException {
        Set<String> known = keysRead.get(delete);
        if (known != null) {
            return known;
        }
        String key = rows.key(delete.equalityIds(), rows.columns(delete, duckdb));
        Set<String> keys = new HashSet<>();
        try (Statement statement = duckdb.createStatement();
                ResultSet result = statement.executeQuery("SELECT " + key + rows.from(delete))) {
            while (result.next()) {
                keys.add(result.getString(1));
            }
        }
        keysRead.put(delete, keys);
        return keys;
    }
}
