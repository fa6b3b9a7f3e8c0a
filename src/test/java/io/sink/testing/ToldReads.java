package io.sink.testing;

import io.sink.table.ObjectChecksum;
import io.sink.table.ObjectChecksums;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.Consumer;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/** A table that tells of each file before it is read, so that a test can change the file. */
public final class ToldReads {
    private ToldReads() {}

    /** @param told given the location of each file that is about to be read */
    public static Table of(Table table, Consumer<String> told) {
        FileIO io = proxy(FileIO.class, table.io(), telling(told));
        return of(table, io);
    }

    /** @param checksum what the table's storage gives for each file that is written, whatever was written */
    public static Table withChecksum(Table table, Consumer<String> told, ObjectChecksum checksum) {
        Instead telling = telling(told);
        FileIO io = (FileIO) proxy(
                new Class<?>[] {FileIO.class, ObjectChecksums.class},
                table.io(),
                (method, arguments) -> method.getName().equals("checksum") ? checksum : telling.of(method, arguments));
        return of(table, io);
    }

    private static Instead telling(Consumer<String> told) {
        return (method, arguments) -> {
            if (method.getName().equals("newInputFile") && arguments[0] instanceof String location) {
                told.accept(location);
            }
            return null;
        };
    }

    private static Table of(Table table, FileIO io) {
        TableOperations operations = proxy(
                TableOperations.class,
                ((HasTableOperations) table).operations(),
                (method, arguments) -> method.getName().equals("io") ? io : null);
        return new BaseTable(operations, table.name());
    }

    private interface Instead {
        /** What to return; null for what the original returns. */
        @Nullable
        Object of(Method method, Object[] arguments);
    }

    private static <T> T proxy(Class<T> type, T of, Instead instead) {
        return type.cast(proxy(new Class<?>[] {type}, of, instead));
    }

    private static Object proxy(Class<?>[] types, Object of, Instead instead) {
        return Proxy.newProxyInstance(ToldReads.class.getClassLoader(), types, (proxy, method, arguments) -> {
            Object other = instead.of(method, arguments);
            try {
                return other == null ? method.invoke(of, arguments) : other;
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }
}
