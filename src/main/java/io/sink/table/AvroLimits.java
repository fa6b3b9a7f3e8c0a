package io.sink.table;

import io.sink.engine.MemoryBudget;

/**
 * How much Avro allocates by what a list or a manifest says of itself: parts of the heap, where Avro's own bounds are
 * gigabytes. Avro reads them once, when the first of its files is opened.
 *
 * @ref LLP 0020#claims
 */
public final class AvroLimits {
    private static final String LIMITS = "org.apache.avro.limits.";

    /** One text, one value, one block unpacked. */
    private static final int PART = 8;

    /** Each entry of a list or a map takes memory, also where it has no bytes in the file. */
    private static final int PART_OF_ENTRIES = 128;

    private AvroLimits() {}

    /** Bytes that a block, a text or a value may have. */
    static long bytes() {
        return Math.min(Integer.MAX_VALUE / 2, MemoryBudget.work().total() / PART);
    }

    /** Sets those that the operator has not set. */
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
