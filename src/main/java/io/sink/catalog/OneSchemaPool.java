package io.sink.catalog;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.jdbc.JdbcClientPool;

/**
 * Connections of a JDBC catalog whose database may hold other catalogs in other schemas. Iceberg searches every schema
 * of the database for the column that shows that a catalog knows views, and may then query its own table for a column
 * that only another one has. While the catalog is opened, these connections show only the table that queries reach.
 */
final class OneSchemaPool extends JdbcClientPool {
    private static final String TABLES = "iceberg_tables";
    private static final String TYPE = "iceberg_type";

    private volatile boolean opening = true;

    OneSchemaPool(Map<String, String> properties) {
        super(properties.get(CatalogProperties.URI), properties);
    }

    /** The catalog is open: from now on connections show the whole database. */
    void opened() {
        opening = false;
    }

    @Override
    public <R> R run(Action<R, Connection, SQLException> action, boolean retry)
            throws SQLException, InterruptedException {
        return opening ? super.run(connection -> action.run(ofOneSchema(connection)), retry) : super.run(action, retry);
    }

    private static Connection ofOneSchema(Connection connection) {
        return proxy(
                Connection.class,
                connection,
                (name, answer) -> name.equals("getMetaData")
                        ? proxy(
                                DatabaseMetaData.class,
                                (DatabaseMetaData) answer,
                                (asked, columns) ->
                                        asked.equals("getColumns") ? own(connection, (ResultSet) columns) : columns)
                        : answer);
    }

    /** The columns found in any schema, or none if the table that queries reach has no such column. */
    private static ResultSet own(Connection connection, ResultSet ofAny) throws SQLException {
        if (hasType(connection)) {
            return ofAny;
        }
        ofAny.close();
        return connection.getMetaData().getColumns(null, null, "", "");
    }

    private static boolean hasType(Connection connection) {
        try (Statement statement = connection.createStatement();
                ResultSet none = statement.executeQuery("SELECT * FROM " + TABLES + " WHERE 1 = 0")) {
            ResultSetMetaData columns = none.getMetaData();
            for (int at = 1; at <= columns.getColumnCount(); at++) {
                if (columns.getColumnName(at).equalsIgnoreCase(TYPE)) {
                    return true;
                }
            }
            return false;
        } catch (SQLException e) {
            // No such table: the first query of the catalog will report that.
            return false;
        }
    }

    private interface Answer {
        Object of(String method, Object answer) throws SQLException;
    }

    private static <T> T proxy(Class<T> type, T behind, Answer answer) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, args) -> {
            try {
                return answer.of(method.getName(), method.invoke(behind, args));
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }));
    }
}
