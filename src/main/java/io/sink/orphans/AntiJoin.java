package io.sink.orphans;

import io.sink.storage.Spill;
import io.sink.table.LocationHash;
import io.sink.table.LocationNormalizer;
import java.io.Closeable;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finds the listed files that are not live. Both are split into {@value #PARTS} parts by a hash of their paths and
 * spilled; of one part at a time the live files are held in memory, with 24 bytes each.
 *
 * <p>Live paths are known by 64 bits of a hash. Two paths with one hash make a file that is not live look live, which
 * leaves it where it is; a live file always looks live.
 *
 * @ref LLP 0012#anti-join
 */
final class AntiJoin implements Closeable {
    private static final int PARTS = 32;
    private static final Pattern SLASHES = Pattern.compile("//+");

    private final LocationNormalizer spelling;
    private final List<Spill> live = spills();
    private final List<Spill> listed = spills();

    AntiJoin(LocationNormalizer spelling) {
        this.spelling = spelling;
    }

    private static List<Spill> spills() {
        return Stream.generate(Spill::new).limit(PARTS).toList();
    }

    /**
     * A location by hashes.
     *
     * @param exact hash of scheme, authority and path, with doubled slashes as one: some writers name a file with
     *     doubled slashes that they wrote without
     * @param folded hash that is the same for every location that a storage could take for it
     * @param path hash of the exact path alone, so that the same path elsewhere is noticed
     * @param part the part in which everything is that could be compared with it
     */
    private record Key(long exact, long folded, long path, int part) {}

    private Key key(String location) {
        String normal = spelling.normal(location);
        int end = authorityEnd(normal);
        String path = singleSlashes(normal.substring(end));
        String folded = spelling.folded(location);
        long part = LocationHash.of(folded.substring(authorityEnd(folded)));
        return new Key(
                LocationHash.of(normal.substring(0, end) + path), LocationHash.of(folded), LocationHash.of(path), (int)
                        (part & (PARTS - 1)));
    }

    /** Where the path begins: after scheme and authority, if there are any. */
    private static int authorityEnd(String normal) {
        int scheme = normal.startsWith("/") ? -1 : normal.indexOf(':');
        if (scheme < 0) {
            return 0;
        }
        if (!normal.startsWith("//", scheme + 1)) {
            return scheme + 1;
        }
        int slash = normal.indexOf('/', scheme + 3);
        return slash < 0 ? normal.length() : slash;
    }

    private static String singleSlashes(String path) {
        return path.contains("//") ? SLASHES.matcher(path).replaceAll("/") : path;
    }

    /** Adds a live file; from any thread, as often as it is named. */
    void live(String location) {
        Key key = key(location);
        live.get(key.part()).add(out -> {
            out.writeLong(key.exact());
            out.writeLong(key.folded());
            out.writeLong(key.path());
        });
    }

    void listed(ListedFile file) {
        listed.get(key(file.location()).part()).add(file::writeTo);
    }

    /**
     * Gives every listed file that is not live to {@code each}, in no order.
     *
     * @param doubtful receives the files whose exact location is not live, but which a storage could take for a live
     *     file
     * @throws LocationMismatchException at the first file that has a live file's path under another scheme or authority
     */
    void unnamed(Consumer<ListedFile> each, Consumer<ListedFile> doubtful) {
        for (int part = 0; part < PARTS; part++) {
            if (listed.get(part).size() == 0) {
                continue;
            }
            Live named = Live.of(live.get(part));
            listed.get(part).each(in -> {
                ListedFile file = ListedFile.readFrom(in);
                Key key = key(file.location());
                if (has(named.exact(), key.exact())) {
                    return;
                }
                if (has(named.paths(), key.path())) {
                    throw new LocationMismatchException(file.location());
                }
                (has(named.folded(), key.folded()) ? doubtful : each).accept(file);
            });
        }
    }

    /** The hashes of one part's live files, each kind sorted. */
    private record Live(long[] exact, long[] folded, long[] paths) {
        static Live of(Spill spill) {
            int count = Math.toIntExact(spill.size());
            Live live = new Live(new long[count], new long[count], new long[count]);
            int[] at = {0};
            spill.each(in -> {
                live.exact[at[0]] = in.readLong();
                live.folded[at[0]] = in.readLong();
                live.paths[at[0]++] = in.readLong();
            });
            Arrays.sort(live.exact);
            Arrays.sort(live.folded);
            Arrays.sort(live.paths);
            return live;
        }
    }

    private static boolean has(long[] sorted, long hash) {
        return Arrays.binarySearch(sorted, hash) >= 0;
    }

    @Override
    public void close() {
        for (List<Spill> spills : List.of(live, listed)) {
            spills.forEach(Spill::close);
        }
    }
}
