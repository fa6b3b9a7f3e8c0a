package io.sink.action;

/**
 * A configured value and where it came from.
 *
 * @param value the value that applies
 * @param source where it was set, for a person to find it: {@code flag --older-than}, {@code env SINK_OLDER_THAN},
 *     {@code rule "lake.web.*"}, {@code maintenance}, {@code table property history.expire.max-snapshot-age-ms},
 *     {@code Iceberg default}
 */
public record Setting<T>(T value, String source) {}
