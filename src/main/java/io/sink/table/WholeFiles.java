package io.sink.table;

import java.util.HashMap;
import java.util.Map;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestListFile;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.jspecify.annotations.Nullable;

/** A FileIO with which Iceberg's own readers read manifest lists and manifests to their end, or fail. */
final class WholeFiles implements FileIO {
    private final FileIO io;
    private final @Nullable WholeInput manifest;
    private volatile @Nullable WholeInput list;

    /** @param manifest serves as every requested manifest; null to open the requested one */
    WholeFiles(FileIO io, @Nullable WholeInput manifest) {
        this.io = io;
        this.manifest = manifest;
    }

    @Override
    public InputFile newInputFile(ManifestFile asked) {
        return manifest == null ? WholeInput.of(asked, io) : manifest;
    }

    @Override
    public InputFile newInputFile(ManifestListFile asked) {
        WholeInput input = WholeInput.of(asked, io);
        list = input;
        return input;
    }

    /** Explains a failure of the reader of the list: see {@link WholeInput#explain}. */
    RuntimeException explain(RuntimeException failure) {
        WholeInput read = list;
        return read == null ? failure : read.explain(failure);
    }

    @Override
    public InputFile newInputFile(String path) {
        return io.newInputFile(path);
    }

    @Override
    public OutputFile newOutputFile(String path) {
        throw new ReadOnlyException("write " + path);
    }

    @Override
    public void deleteFile(String path) {
        throw new ReadOnlyException("delete " + path);
    }

    /**
     * The properties of the storage, without Iceberg's cache of manifests, which would hide what is stored now.
     */
    @Override
    public Map<String, String> properties() {
        Map<String, String> properties = new HashMap<>(io.properties());
        properties.remove(CatalogProperties.IO_MANIFEST_CACHE_ENABLED);
        return properties;
    }
}
