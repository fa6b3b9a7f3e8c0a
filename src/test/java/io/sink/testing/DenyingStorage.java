package io.sink.testing;

import io.sink.table.DelegatingOperations;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.Predicate;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.DelegateFileIO;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;

/** A table on a store that says of some files that they are not there, though they may be. */
public final class DenyingStorage extends DelegatingOperations {
    private final TableOperations ops;

    private DenyingStorage(TableOperations ops, FileIO io) {
        super(ops, io);
        this.ops = ops;
    }

    /** Denies these files when it is asked for them. */
    public static TableOperations of(TableOperations ops, Predicate<String> denied) {
        return of(ops, denied, true, true);
    }

    /**
     * Denies these files when it is asked for them.
     *
     * @param lists whether they can be listed
     * @param deletes whether anything is deleted that is to be
     */
    public static TableOperations of(TableOperations ops, Predicate<String> denied, boolean lists, boolean deletes) {
        FileIO io = ops.io();
        return new DenyingStorage(ops, (FileIO) proxy(DelegateFileIO.class, (proxy, method, arguments) -> {
            boolean isDenied = arguments != null && arguments.length > 0 && denied.test(String.valueOf(arguments[0]));
            if (method.getName().equals("listPrefix") && isDenied && !lists) {
                throw new ForbiddenException("s3:ListBucket");
            }
            if (method.getName().startsWith("delete") && !deletes) {
                return null;
            }
            Object answer = invoke(method, io, arguments);
            return method.getName().equals("newInputFile") && isDenied
                    ? proxy(
                            InputFile.class,
                            (any, asked, with) ->
                                    asked.getName().equals("exists") ? Boolean.FALSE : invoke(asked, answer, with))
                    : answer;
        }));
    }

    /** Lists these files, and has none of them for who reads. */
    public static TableOperations withUnread(TableOperations ops, Predicate<String> unread) {
        FileIO io = ops.io();
        return new DenyingStorage(ops, (FileIO) proxy(DelegateFileIO.class, (proxy, method, arguments) -> {
            Object answer = invoke(method, io, arguments);
            return method.getName().equals("newInputFile") && unread.test(String.valueOf(arguments[0]))
                    ? proxy(InputFile.class, (any, asked, with) -> {
                        if (asked.getName().equals("newStream")) {
                            throw new NotFoundException("404");
                        }
                        return invoke(asked, answer, with);
                    })
                    : answer;
        }));
    }

    /** Fails at every deletion, and denies these files afterwards. */
    public static TableOperations failingToDelete(TableOperations ops, Predicate<String> denied) {
        FileIO io = ops.io();
        boolean[] asked = {false};
        return new DenyingStorage(ops, (FileIO) proxy(DelegateFileIO.class, (proxy, method, arguments) -> {
            if (method.getName().startsWith("delete")
                    && !String.valueOf(arguments[0]).contains("sink-")) {
                asked[0] = true;
                throw new ForbiddenException("s3:DeleteObject");
            }
            Object answer = invoke(method, io, arguments);
            return asked[0] && method.getName().equals("newInputFile") && denied.test(String.valueOf(arguments[0]))
                    ? proxy(
                            InputFile.class,
                            (any, call, with) ->
                                    call.getName().equals("exists") ? Boolean.FALSE : invoke(call, answer, with))
                    : answer;
        }));
    }

    @Override
    public void commit(TableMetadata base, TableMetadata metadata) {
        ops.commit(base, metadata);
    }

    private static Object invoke(Method method, Object on, Object[] arguments) throws Throwable {
        try {
            return method.invoke(on, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static Object proxy(Class<?> type, InvocationHandler handler) {
        return Proxy.newProxyInstance(DenyingStorage.class.getClassLoader(), new Class<?>[] {type}, handler);
    }
}
