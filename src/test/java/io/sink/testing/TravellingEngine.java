package io.sink.testing;

import io.sink.engine.Engine;
import io.sink.engine.MemoryBudget;
import io.sink.engine.Task;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Sends task, item and answer through Java serialisation, as an engine of other processes does.
 *
 * @param attempts each item is worked on so often, and the last answer counts
 */
public record TravellingEngine(int attempts) implements Engine {
    @Override
    public boolean travels() {
        return true;
    }

    @Override
    public <T, R> List<R> run(List<T> items, Task<T, R> task) {
        List<R> answers = new ArrayList<>();
        for (T item : items) {
            R last = null;
            for (int attempt = 0; attempt < attempts; attempt++) {
                Task<T, R> there = copy(task);
                T sent = copy(item);
                last = copy(there.run(sent, there.need(sent).wanted()));
            }
            answers.add(last);
        }
        return answers;
    }

    @Override
    public <T, R> void require(List<T> items, Task<T, R> task) {
        items.forEach(item -> new MemoryBudget(memory()).require(task.need(item)));
    }

    @Override
    public long memory() {
        return Attempts.MEMORY;
    }

    /** The same object as it is in another process. */
    @SuppressWarnings("unchecked")
    public static <T> T copy(T object) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
                out.writeObject(object);
            }
            try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
                return (T) in.readObject();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }
}
