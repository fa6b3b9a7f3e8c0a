package io.sink.testing;

import java.util.function.Consumer;
import org.apache.iceberg.TableOperations;

/** Tables whose calls somebody hears of, and can act in between. */
public final class Watched {
    private Watched() {}

    /** The table, with every call to its files told before it is made. */
    public static TableOperations table(TableOperations ops, Consumer<String> calls) {
        Faults telling = Faults.none()
                .failing(
                        call -> {
                            calls.accept(call);
                            return false;
                        },
                        IllegalStateException::new);
        return new FaultyOperations(ops, Faults.none(), telling);
    }
}
