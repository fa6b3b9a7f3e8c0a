package lib;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A fault that is put into the program, to see that a test notices it.
 *
 * @param name unique
 * @param fault what the program then does wrong
 * @param file the source file, below {@code src/main/java/io/sink}
 * @param old what the file has exactly once
 * @param put what comes in its place
 * @param test the test that fails, as {@code class#method}
 * @param lived the day on which no test noticed the fault yet; null if one always did
 * @param schedules how many schedules of the simulator it took to find the fault; null if they do not find it
 */
public record Mutant(
        String name,
        String fault,
        String file,
        String old,
        String put,
        String test,
        @Nullable String lived,
        @Nullable Integer schedules) {
    private static final Path HOME =
            Path.of(System.getProperty("sink.home", "")).toAbsolutePath();

    /** All mutants of {@code smoke/mutants.yaml}. */
    public static List<Mutant> all() {
        try {
            return new JsonMapper(new YAMLFactory())
                    .readValue(HOME.resolve("smoke/mutants.yaml").toFile(), new TypeReference<List<Mutant>>() {});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The file as it is. */
    public Path source() {
        return HOME.resolve("src/main/java/io/sink").resolve(file);
    }

    /**
     * The content of the file with the fault.
     *
     * @throws IllegalStateException if it does not have the old text exactly once
     */
    public String changed() {
        String content;
        try {
            content = Files.readString(source(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(name + " changes a file that is not there", e);
        }
        int at = content.indexOf(old);
        if (at < 0 || content.indexOf(old, at + 1) >= 0) {
            throw new IllegalStateException(
                    name + ": " + file + " has this " + (at < 0 ? "nowhere" : "more than once") + ": " + old);
        }
        return content.substring(0, at) + put + content.substring(at + old.length());
    }

    /** The method of the test; empty if there is none. */
    public Optional<Method> method() {
        return method(test);
    }

    /** The method that is named as {@code class#method}, wherever the class has it from. */
    static Optional<Method> method(String test) {
        int hash = test.indexOf('#');
        try {
            for (Class<?> type = Class.forName(test.substring(0, hash)); type != null; type = type.getSuperclass()) {
                Optional<Method> found = Arrays.stream(type.getDeclaredMethods())
                        .filter(method -> method.getName().equals(test.substring(hash + 1)))
                        .findFirst();
                if (found.isPresent()) {
                    return found;
                }
            }
        } catch (ClassNotFoundException e) {
            return Optional.empty();
        }
        return Optional.empty();
    }
}
