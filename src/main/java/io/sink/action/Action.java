package io.sink.action;

import io.sink.outcome.ActionName;

/**
 * Something that can be done to a table.
 *
 * @param <P> the policy record of this action
 */
public interface Action<P> {

    /** The published name. */
    ActionName name();

    /**
     * Looks at the table and decides; writes nothing.
     *
     * @throws RuntimeException on a failure to read, which the caller turns into a reason by {@link #failure}
     */
    Decision plan(Subject subject, P policy);
}
