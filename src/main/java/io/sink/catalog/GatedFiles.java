package io.sink.catalog;

import io.sink.outcome.Reason;
import io.sink.storage.UnansweredWrites;
import io.sink.table.Failures;
import java.io.IOException;
import java.io.Serializable;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A FileIO behind a {@link Gate}. It is a proxy with every interface of the storage behind it, since these interfaces
 * say what a storage can do.
 *
 * <p>Like the storage it can be sent to another process. There it has no gate: files that are written there were
 * announced before.
 */
final class GatedFiles implements InvocationHandler, Serializable {
    private static final long serialVersionUID = 1L;
    private static final Set<String> FREE =
            Set.of("properties", "close", "initialize", "toString", "hashCode", "equals", "credentials");

    private final FileIO io;
    private final transient @Nullable Gate gate;
    /** Locations of files that are being finished, until storage confirms them. */
    private final transient @Nullable Set<String> unanswered;

    private GatedFiles(FileIO io, Gate gate) {
        this.io = io;
        this.gate = gate;
        this.unanswered = ConcurrentHashMap.newKeySet();
    }

    static FileIO of(FileIO io, Gate gate) {
        Set<Class<?>> can = new LinkedHashSet<>();
        for (Class<?> type = io.getClass(); type != null; type = type.getSuperclass()) {
            for (Class<?> each : type.getInterfaces()) {
                can.add(each);
            }
        }
        can.add(FileIO.class);
        can.add(UnansweredWrites.class);
        return (FileIO) Proxy.newProxyInstance(
                GatedFiles.class.getClassLoader(), can.toArray(Class<?>[]::new), new GatedFiles(io, gate));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        if (method.getDeclaringClass() == UnansweredWrites.class) {
            return unanswered == null || unanswered.contains(String.valueOf(arguments == null ? null : arguments[0]));
        }
        if (gate != null && !FREE.contains(method.getName())) {
            gate.check();
        }
        Object answer;
        try {
            answer = method.invoke(io, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
        return gate != null && unanswered != null && answer instanceof OutputFile file
                ? new GatedOutput(file, gate, unanswered)
                : answer;
    }

    private record GatedOutput(OutputFile file, Gate gate, Set<String> unanswered) implements OutputFile {

        @Override
        public PositionOutputStream create() {
            gate.creates();
            return new GatedStream(file.create(), this);
        }

        @Override
        public PositionOutputStream createOrOverwrite() {
            gate.creates();
            return new GatedStream(file.createOrOverwrite(), this);
        }

        @Override
        public String location() {
            return file.location();
        }

        @Override
        public InputFile toInputFile() {
            return file.toInputFile();
        }
    }

    /** A file that is not finished when the gate closes is never finished; an object store never shows it. */
    private static final class GatedStream extends PositionOutputStream {
        private final PositionOutputStream out;
        private final GatedOutput file;
        private boolean finishing;

        GatedStream(PositionOutputStream out, GatedOutput file) {
            this.out = out;
            this.file = file;
        }

        @Override
        public long getPos() throws IOException {
            return out.getPos();
        }

        @Override
        public long storedLength() throws IOException {
            return out.storedLength();
        }

        @Override
        public void write(int oneByte) throws IOException {
            file.gate().check();
            out.write(oneByte);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            file.gate().check();
            out.write(bytes, from, length);
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }

        @Override
        public void close() throws IOException {
            file.gate().check();
            boolean first = !finishing;
            finishing = true;
            if (first) {
                file.unanswered().add(file.location());
            }
            try {
                out.close();
            } catch (IOException | RuntimeException e) {
                // A refusal is an answer: the file will not come.
                if (first && Failures.reason(e, Reason.STORAGE_ERROR) == Reason.PERMISSION_DENIED) {
                    file.unanswered().remove(file.location());
                }
                throw e;
            }
            // If the first close failed, a second one says nothing about the file.
            if (first) {
                file.unanswered().remove(file.location());
            }
        }
    }
}
