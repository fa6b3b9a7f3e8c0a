package io.sink.rewrite;

import java.io.Serializable;
import java.util.List;

/**
 * A group that was rewritten and proved; it travels back from where that was done.
 *
 * @param written the files, and what was counted on the way
 * @param proof what was shown to be equal
 * @param announced locations of every file that was begun, those of {@code written} among them
 */
public record GroupResult(RewriteResult written, Proof proof, List<String> announced) implements Serializable {
    public GroupResult {
        announced = List.copyOf(announced);
    }
}
