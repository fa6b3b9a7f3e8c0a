package io.sink.testing;

import com.fasterxml.jackson.databind.JsonNode;
import io.sink.testing.ManifestFiles.Content;
import io.sink.testing.ManifestFiles.LiveFile;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Rows of data files less their deletes, as canonical JSON under one schema. */
final class LiveRows {
    private static final int ROW_ID = 2147483540;
    private static final int LAST_UPDATED = 2147483539;

    private final TableJson table;
    private final JsonNode schema;
    private final Function<String, Path> locate;

    LiveRows(TableJson table, JsonNode schema, Function<String, Path> locate) {
        this.table = table;
        this.schema = schema;
        this.locate = locate;
    }

    /** The live rows of a snapshot that has these files, sorted. */
    List<String> of(List<LiveFile> files) throws IOException, SQLException {
        List<String> rows = new ArrayList<>();
        // Footers' bounds know no NaN: with them DuckDB 2.0.0 folds isnan(column) to false and loses every NaN.
        String untrusting = "SET disabled_optimizers = 'statistics_propagation'";
        Properties streaming = new Properties();
        streaming.setProperty("jdbc_stream_results", "true");
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:", streaming);
                Statement setting = duckdb.createStatement()) {
            setting.execute(untrusting);
            RowDeletes deletes = new RowDeletes(table, files, this, locate, duckdb);
            for (LiveFile file : files) {
                if (file.content() == Content.DATA) {
                    read(file, deletes, duckdb, rows);
                }
            }
        }
        Collections.sort(rows);
        return rows;
    }

    private void read(LiveFile data, RowDeletes deletes, Connection duckdb, List<String> rows)
            throws IOException, SQLException {
        ParquetColumn columns = columns(data, duckdb);
        BitSet deleted = deletes.positions(data);
        List<Map.Entry<List<Integer>, List<Set<String>>>> keys =
                List.copyOf(deletes.keys(data).entrySet());
        String row = RowSql.struct(schema, columns, "f", lineage(data, columns));
        String selected = "CAST(" + row + " AS VARCHAR), file_row_number"
                + keys.stream().map(by -> ", " + key(by.getKey(), columns)).collect(Collectors.joining());
        try (Statement statement = duckdb.createStatement();
                ResultSet result = statement.executeQuery("SELECT " + selected + from(data))) {
            while (result.next()) {
                boolean live = !deleted.get(Math.toIntExact(result.getLong(2)));
                for (int i = 0; live && i < keys.size(); i++) {
                    String key = result.getString(3 + i);
                    live = keys.get(i).getValue().stream().noneMatch(set -> set.contains(key));
                }
                if (live) {
                    rows.add(result.getString(1));
                }
            }
        }
    }

    /** The file's columns with the field ids they have, or else those the table's name mapping gives them. */
    ParquetColumn columns(LiveFile file, Connection duckdb) throws IOException, SQLException {
        if (!file.format().equalsIgnoreCase("parquet")) {
            throw new UnsupportedOperationException("The second reader cannot read " + file.format());
        }
        ParquetColumn root = ParquetColumn.rootOf(duckdb, local(file));
        if (root.children().isEmpty() || root.hasIds()) {
            return root;
        }
        JsonNode mapping = table.nameMapping();
        if (mapping.isMissingNode()) {
            throw new UnsupportedOperationException(file.path() + " has no field ids, and the table no name mapping");
        }
        return root.mapped(mapping);
    }

    /** An expression for the values of these fields in a file, alike exactly where equality deletes say equal. */
    String key(List<Integer> ids, ParquetColumn columns) {
        return ids.stream()
                .map(id -> table.schemas().stream()
                        .map(any -> RowSql.fieldById(id, any, columns, "f"))
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElseThrow(() -> new IllegalStateException("No schema has field " + id)))
                .collect(Collectors.joining(", ", "CAST(json_array(", ") AS VARCHAR)"));
    }

    /** The clause that reads the file's columns as those of {@code f}, and {@code file_row_number}. */
    String from(LiveFile file) {
        return " FROM read_parquet(" + RowSql.text(local(file))
                + ", file_row_number = true, hive_partitioning = false) f";
    }

    private String local(LiveFile file) {
        return locate.apply(file.path()).toString();
    }

    private List<String> lineage(LiveFile data, ParquetColumn columns) {
        if (!table.hasLineage()) {
            return List.of();
        }
        return List.of(
                "'_row_id'",
                lineage(data, columns.child(ROW_ID), data.firstRowId() + " + file_row_number"),
                "'_last_updated_sequence_number'",
                lineage(data, columns.child(LAST_UPDATED), Long.toString(data.sequence())));
    }

    /** The file's own value, or else the inherited one; a file without a first row id has no lineage at all. */
    private static String lineage(LiveFile data, @Nullable ParquetColumn own, String inherited) {
        if (data.firstRowId() == null) {
            return "NULL";
        }
        String stored = own == null ? "NULL" : "f." + RowSql.name(own.name());
        return "CAST(coalesce(" + stored + ", " + inherited + ") AS VARCHAR)";
    }
}
