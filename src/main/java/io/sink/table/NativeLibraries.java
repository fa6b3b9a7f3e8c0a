package io.sink.table;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Recognizes that a native library could not be loaded. Those of zstd, Snappy and SQLite are unpacked into the
 * temporary directory, from which the operating system may refuse to run anything. Each reports that in its own way,
 * and in another way when it is used again.
 */
final class NativeLibraries {
    private static final String TEMPORARY = "java.io.tmpdir";

    /** Names of the libraries by a part of their class names that occurs in messages. */
    private static final Map<String, String> NAMES = Map.of("zstd", "zstd", "snappy", "Snappy", "sqlite", "SQLite");

    private static final Path MOUNTS = Path.of("/proc/self/mounts");

    private NativeLibraries() {}

    /** Whether the failure is that a native library could not be loaded. */
    static boolean isMissing(Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        return failure instanceof UnsatisfiedLinkError
                || failure.getClass().getSimpleName().equals("NativeLibraryNotFoundException")
                // After the first use of a class failed so, every later use fails with these.
                || (failure instanceof LinkageError
                        && (message.contains("UnsatisfiedLinkError")
                                || message.contains("Cannot unpack lib")
                                || message.startsWith("Could not initialize class com.github.luben.zstd.")
                                || message.startsWith("Could not initialize class org.xerial.snappy.")));
    }

    /** What is wrong and what to do, in a sentence; null for any other failure. */
    static @Nullable String advice(Throwable failure) {
        if (!isMissing(failure)) {
            return null;
        }
        Path directory = Path.of(System.getProperty(TEMPORARY)).toAbsolutePath();
        String about = (failure.getClass().getName() + " " + failure.getMessage()).toLowerCase(Locale.ROOT);
        String library = NAMES.entrySet().stream()
                .filter(name -> about.contains(name.getKey()))
                .map(name -> " for " + name.getValue())
                .findFirst()
                .orElse("");
        return "the native library" + library + " cannot be loaded from the temporary directory " + directory
                + why(directory, about) + ": name another one by SINK_JAVA_OPTS=-D" + TEMPORARY
                + "=DIR, which can be written to and is not mounted noexec";
    }

    private static String why(Path directory, String about) {
        if (!Files.isDirectory(directory)) {
            return ", which does not exist";
        }
        if (!Files.isWritable(directory)) {
            return ", which cannot be written to";
        }
        return about.contains("failed to map segment") || isNoexec(directory) ? ", which is mounted noexec" : "";
    }

    /** Whether the mount of the directory, the longest one above it, is noexec. */
    private static boolean isNoexec(Path directory) {
        try {
            Path real = directory.toRealPath();
            String options = "";
            int longest = -1;
            for (String line : new String(Files.readAllBytes(MOUNTS), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                List<String> fields = List.of(line.split(" "));
                if (fields.size() > 3
                        && real.startsWith(fields.get(1))
                        && fields.get(1).length() >= longest) {
                    longest = fields.get(1).length();
                    options = fields.get(3);
                }
            }
            return List.of(options.split(",")).contains("noexec");
        } catch (IOException e) {
            // Not Linux, or no such file: the sentence then does not mention it.
            return false;
        }
    }
}
