package io.sink.testing;

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
        FileIO io = proxy(FileIO.class, table.io(), (method, arguments) -> {
            if (method.getName().equals("newInputFile") && arguments[0] instanceof String location) {
                told.accept(location);
            }
            return null;
        });
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
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    Object other = instead.of(method, arguments);
                    try {
                        return other == null ? method.invoke(of, arguments) : other;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }
}
