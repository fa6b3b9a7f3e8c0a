package io.sink.table;

import io.sink.engine.MemoryBudget;

/**
 * Limits what Avro allocates by the lengths in a manifest list or manifest to parts of the heap; Avro's own limits are
 * gigabytes. Avro reads the limits once, when its first file is opened.
 *
 * @ref LLP 0020#claims
 */
public final class AvroLimits {
    private static final String LIMITS = "org.apache.avro.limits.";

    /** The part of the heap for one text, one value, or one uncompressed block. */
    private static final int PART = 8;

    /** Each entry of a list or map takes memory, even if it has no bytes in the file. */
    private static final int PART_OF_ENTRIES = 128;

    private AvroLimits() {}

    /** Bytes that a block, a text or a value may have. */
    static long bytes() {
        return Math.min(Integer.MAX_VALUE / 2, MemoryBudget.work().total() / PART);
    }

    /** Sets the limits that the operator has not set. To be called before the first Avro file is opened. */
    public static void set() {
        String bytes = Long.toString(bytes());
        String entries = Long.toString(MemoryBudget.work().total() / PART_OF_ENTRIES);
        for (String of : new String[] {"bytes.maxLength", "string.maxLength", "decompress.maxLength"}) {
            setIfUnset(of, bytes);
        }
        setIfUnset("collectionItems.maxLength", entries);
    }

    private static void setIfUnset(String name, String value) {
        if (System.getProperty(LIMITS + name) == null) {
            System.setProperty(LIMITS + name, value);
        }
    }
}
