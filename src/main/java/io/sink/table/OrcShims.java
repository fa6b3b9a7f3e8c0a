package io.sink.table;

import org.apache.iceberg.common.DynConstructors;
import org.apache.iceberg.common.DynFields;

/**
 * Lets ORC run without the HDFS client. By itself ORC loads a class that refers to the client, to end HDFS blocks early
 * and to decompress with native code. The client is 5.6 MB, and nothing here runs on HDFS.
 */
public final class OrcShims {
    private OrcShims() {}

    /** To be called before a process opens its first ORC file; may be called any number of times. */
    public static void choose() {
        Chosen.once();
    }

    private static final class Chosen {
        static {
            Object shims = DynConstructors.builder()
                    .hiddenImpl("org.apache.orc.impl.HadoopShimsPre2_3")
                    .build()
                    .newInstance();
            DynFields.builder()
                    .hiddenImpl("org.apache.orc.impl.HadoopShimsFactory", "SHIMS")
                    .buildStatic()
                    .set(shims);
        }

        private Chosen() {}

        static void once() {
            // Loading the class has done it.
        }
    }
}
