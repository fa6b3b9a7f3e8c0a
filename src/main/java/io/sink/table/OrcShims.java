package io.sink.table;

import org.apache.iceberg.common.DynConstructors;
import org.apache.iceberg.common.DynFields;

/**
 * Has ORC do without the client of HDFS. By itself it loads a class that refers to it, to end a block of HDFS early and
 * to decompress through native code; the client is 5.6 MB, and nothing here runs on HDFS.
 */
public final class OrcShims {
    private OrcShims() {}

    /** To be called before the first ORC file is opened in a process; any number of times. */
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
