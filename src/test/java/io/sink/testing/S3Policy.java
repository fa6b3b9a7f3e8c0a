package io.sink.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What a client may do with S3, held by a {@link FaultyWire} in front of a server: everything else is answered with 403
 * {@code AccessDenied}, as an identity's policy has it.
 *
 * @param allowed pairs of an action such as {@code s3:PutObject} and a regular expression for keys
 */
public record S3Policy(List<Map.Entry<String, String>> allowed) implements Function<Exchange, WireFault> {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String DENIED = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
            + "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";

    public S3Policy {
        allowed = List.copyOf(allowed);
    }

    /** The same without an action. */
    public S3Policy without(String action) {
        return new S3Policy(
                allowed.stream().filter(pair -> !pair.getKey().equals(action)).toList());
    }

    /** The same without an action on these keys. */
    public S3Policy without(String action, String keys) {
        return new S3Policy(allowed.stream()
                .filter(pair -> !pair.equals(Map.entry(action, keys)))
                .toList());
    }

    /**
     * The same as a policy document for a bucket.
     *
     * @param principal the user to whom it is given, as the server names it
     */
    public String document(String bucket, String principal) {
        ObjectNode document = JSON.createObjectNode().put("Version", "2012-10-17");
        ArrayNode statements = document.putArray("Statement");
        for (Map.Entry<String, String> pair : allowed) {
            String keys = pair.getValue().replace("\\.", ".").replace(".*", "*");
            ObjectNode statement = statements.addObject().put("Effect", "Allow").put("Action", pair.getKey());
            statement.putObject("Principal").put("AWS", principal);
            statement.put("Resource", "arn:aws:s3:::" + bucket + (keys.isEmpty() ? "" : "/" + keys));
        }
        return document.toString();
    }

    @Override
    public WireFault apply(Exchange exchange) {
        String action = action(exchange);
        String key = exchange.path().replaceFirst("^/[^/]*/?", "");
        boolean may = allowed.stream()
                .anyMatch(pair -> pair.getKey().equals(action)
                        && (action.equals("s3:ListBucket") || action.equals("bulk") || key.matches(pair.getValue())));
        return may ? WireFault.NONE : WireFault.refused(403, Map.of("Content-Type", "application/xml"), DENIED);
    }

    private static String action(Exchange exchange) {
        return switch (exchange.method()) {
            case "GET" -> exchange.asks("list-type") ? "s3:ListBucket" : "s3:GetObject";
            case "HEAD" -> "s3:GetObject";
            case "PUT" -> "s3:PutObject";
            case "DELETE" -> exchange.asks("uploadId") ? "s3:AbortMultipartUpload" : "s3:DeleteObject";
            // its keys are in the body: one by one says more
            case "POST" -> exchange.asks("delete") ? "bulk" : "s3:PutObject";
            default -> "unknown";
        };
    }
}
