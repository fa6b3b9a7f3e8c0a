package io.sink.orphans;

import io.sink.table.Spelling;
import java.io.Closeable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Listed files without the live ones, in memory that grows with neither: both are parted by a hash of their paths, and
 * spilled, and one part is held at a time, with 16 bytes for each live file.
 *
 * <p>Live paths are known by 64 bits of a hash. Two paths with one hash make a file that is not live look live, which leaves
 * it where it is; a live file always looks live.
 *
 * @ref LLP 0012#anti-join
 */
final class AntiJoin implements Closeable {
    private static final int PARTS = 32;
    private static final Pattern URI = Pattern.compile("([a-z0-9+.-]+:)(//[^/]*)?(.*)", Pattern.DOTALL);
    private static final Pattern SLASHES = Pattern.compile("//+");

    private final Spelling spelling;
    private final List<Spill> live = spills();
    private final List<Spill> listed = spills();

    AntiJoin(Spelling spelling) {
        this.spelling = spelling;
    }

    private static List<Spill> spills() {
        return Stream.generate(Spill::new).limit(PARTS).toList();
    }

    /**
     * A path by hashes.
     *
     * @param whole of scheme, authority and path
     * @param path of the path alone, so that the same path elsewhere is noticed
     */
    private record Key(long whole, long path) {
        int part() {
            return (int) (path & (PARTS - 1));
        }
    }

    /** Doubled slashes are one here: some writers name a file with them that they wrote without. */
    private Key key(String location) {
        String normal = spelling.normal(location);
        Matcher uri = URI.matcher(normal);
        boolean remote = uri.matches();
        String authority = remote ? uri.group(1) + (uri.group(2) == null ? "" : uri.group(2)) : "";
        String path = SLASHES.matcher(remote ? uri.group(3) : normal).replaceAll("/");
        return new Key(hash(authority + path), hash(path));
    }

    private static long hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Adds a live file; from any thread, as often as it is named. */
    void live(String location) {
        Key key = key(location);
        live.get(key.part()).add(out -> {
            out.writeLong(key.whole());
            out.writeLong(key.path());
        });
    }

    void listed(ListedFile file) {
        listed.get(key(file.location()).part()).add(file::writeTo);
    }

    /** Listed files that were added. */
    long listed() {
        return listed.stream().mapToLong(Spill::size).sum();
    }

    /**
     * Gives every listed file that is not live to {@code each}, in no order.
     *
     * @throws LocationMismatchException at the first that has a live file's path elsewhere
     */
    void unnamed(Consumer<ListedFile> each) {
        for (int part = 0; part < PARTS; part++) {
            if (listed.get(part).size() == 0) {
                continue;
            }
            Spill named = live.get(part);
            long[] whole = new long[Math.toIntExact(named.size())];
            long[] paths = new long[whole.length];
            int[] at = {0};
            named.each(in -> {
                whole[at[0]] = in.readLong();
                paths[at[0]++] = in.readLong();
            });
            Arrays.sort(whole);
            Arrays.sort(paths);
            listed.get(part).each(in -> {
                ListedFile file = ListedFile.readFrom(in);
                Key key = key(file.location());
                if (Arrays.binarySearch(whole, key.whole()) >= 0) {
                    return;
                }
                if (Arrays.binarySearch(paths, key.path()) >= 0) {
                    throw new LocationMismatchException(file.location());
                }
                each.accept(file);
            });
        }
    }

    @Override
    public void close() {
        for (List<Spill> spills : List.of(live, listed)) {
            spills.forEach(Spill::close);
        }
    }
}
