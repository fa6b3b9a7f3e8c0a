package io.sink.manifests;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.ManifestFile;

/** Manifests in their order, about as many bytes of them in each range: what was written together stays together. */
record InOrder(int count, Map<String, Integer> byManifest) implements ManifestGroup.Clusters {

    /** @param most ranges to make; fewer come out where one manifest takes the place of several */
    static InOrder over(List<ManifestFile> manifests, int most) {
        long all = Math.max(1, ManifestGroup.bytes(manifests));
        Map<String, Integer> byManifest = new HashMap<>();
        long seen = 0;
        for (ManifestFile manifest : manifests) {
            byManifest.put(manifest.path(), (int) (seen * most / all));
            seen += manifest.length();
        }
        return new InOrder(new HashSet<>(byManifest.values()).size(), Map.copyOf(byManifest));
    }

    @Override
    public int of(DataFile file) {
        return byManifest.getOrDefault(file.manifestLocation(), 0);
    }
}
