package io.sink.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Expands {@code ${NAME}}, {@code ${NAME:-default}} and {@code ${file:path}} in scalars, once: what comes out is never
 * expanded again. A doubled dollar sign before the brace stands for a literal one. Collects the secrets that pass
 * through.
 */
final class Expansion {

    private static final Pattern VARIABLE = Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", Pattern.DOTALL);
    private static final String FILE = "file:";

    private final Path directory;
    private final Map<String, String> env;
    private final Problems problems;
    private final Set<String> secrets = new LinkedHashSet<>();
    private final Set<String> variables = new LinkedHashSet<>();

    /** An expansion whose relative file paths start from {@code directory}. */
    Expansion(Path directory, Map<String, String> env, Problems problems) {
        this.directory = directory;
        this.env = env;
        this.problems = problems;
    }

    /** Every secret value that was expanded so far. */
    Set<String> secrets() {
        return secrets;
    }

    /** The name of every variable that was referred to so far. */
    Set<String> variables() {
        return variables;
    }

    /** The scalar expanded; null when a part of it cannot be resolved, which has then been reported. */
    @Nullable
    Text expand(Node.Scalar scalar, String path) {
        String written = scalar.text();
        StringBuilder value = new StringBuilder();
        List<String> references = new ArrayList<>();
        boolean whole = true;
        int at = 0;
        while (at < written.length()) {
            if (written.startsWith("$${", at)) {
                value.append("${");
                at += 3;
            } else if (written.startsWith("${", at)) {
                int end = written.indexOf('}', at);
                if (end < 0) {
                    problems.add(scalar, path, "has a ${ without its }; write $${ for a literal ${");
                    return null;
                }
                String resolved = resolve(written.substring(at + 2, end), scalar, path, references);
                if (resolved == null) {
                    whole = false;
                } else {
                    value.append(resolved);
                }
                at = end + 1;
            } else {
                value.append(written.charAt(at++));
            }
        }
        return whole ? new Text(value.toString(), written, List.copyOf(references), scalar) : null;
    }

    private @Nullable String resolve(String reference, Node.Scalar at, String path, List<String> references) {
        if (reference.startsWith(FILE)) {
            references.add("${" + reference + "}");
            return content(reference.substring(FILE.length()), at, path);
        }
        Matcher variable = VARIABLE.matcher(reference);
        if (!variable.matches() || reference.contains("${")) {
            problems.add(
                    at,
                    path,
                    "has a reference that cannot be read; write ${NAME}, ${NAME:-default} or ${file:path}, with nothing"
                            + " nested, and $${ for a literal ${");
            return null;
        }
        String name = variable.group(1);
        references.add("${" + name + "}");
        variables.add(name);
        String fallback = variable.group(2);
        String value = env.get(name);
        if (fallback != null && (value == null || value.isEmpty())) {
            value = fallback;
        }
        if (value == null) {
            problems.add(
                    at,
                    path,
                    "${" + name + "} is not set; set the environment variable " + name + " or write ${" + name
                            + ":-default}");
            return null;
        }
        if (SecretFinder.looksSecret(name)) {
            secrets.addAll(SecretFinder.parts(value));
        }
        return value;
    }

    private @Nullable String content(String name, Node.Scalar at, String path) {
        try {
            String content = BoundedText.read(directory.resolve(name));
            String value = content.endsWith("\r\n")
                    ? content.substring(0, content.length() - 2)
                    : content.endsWith("\n") ? content.substring(0, content.length() - 1) : content;
            secrets.addAll(SecretFinder.parts(value));
            return value;
        } catch (NoSuchFileException e) {
            problems.add(at, path, "${file:" + name + "}: no such file; a relative path starts from " + directory);
        } catch (CharacterCodingException e) {
            problems.add(at, path, "${file:" + name + "}: the file is not UTF-8 text");
        } catch (BoundedText.TooLargeException e) {
            problems.add(at, path, "${file:" + name + "}: the file is " + e.getMessage());
        } catch (IOException | InvalidPathException e) {
            problems.add(
                    at,
                    path,
                    "${file:" + name + "}: the file cannot be read ("
                            + e.getClass().getSimpleName() + "); check the path and its permissions");
        }
        return null;
    }
}
