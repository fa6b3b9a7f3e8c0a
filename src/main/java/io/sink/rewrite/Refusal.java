package io.sink.rewrite;

import io.sink.outcome.Reason;
import java.io.Serializable;

/**
 * Why something cannot be rewritten.
 *
 * @param reason the published reason
 * @param detail the figures or names behind the reason, for a person
 */
public record Refusal(Reason reason, String detail) implements Serializable {}
