package io.sink.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretFinderTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "token",
                "credential",
                "jdbc.password",
                "s3.secret-access-key",
                "s3.session-token",
                "s3.sse.key",
                "rest.secret-access-key",
                "rest.auth.basic.password",
                "adls.sas-token.account.dfs.core.windows.net",
                "adls.sas.account",
                "adls.connection-string.account",
                "adls.auth.shared-key.account.key",
                "gcs.oauth2.token",
                "gcs.encryption-key",
                "header.Authorization",
                "header.X-Api-Key",
                "header.Cookie",
                "private-key",
                "private-key-passphrase",
                "urn:ietf:params:oauth:token-type:access_token",
                "LAKE_CREDENTIAL",
                "AccountKey",
                "secretAccessKey",
                "AWS_SECRET_ACCESS_KEY",
                "PGPASSWORD",
                "PGPASS",
                "MYSQL_PWD",
                "GITHUB_TOKEN",
                "sslpassword",
                "sig",
                "X-Amz-Signature",
                "client-assertion",
                "oauth2.client_assertion",
                "bearer",
                "jwt",
                "pin",
                "auth",
                "x-auth",
                "masterKey",
                "bearerToken",
                "basicAuth",
                "x.pat",
                "psk",
                "totp",
                "passcode",
                "jdbc.pswd",
                "pw",
                "code_verifier",
                "saml-response",
                "JSESSIONID",
                "ssl.key.pem",
                "jdbc.sslkey",
                "header.X-Custom",
                "header.X-Auth",
            })
    void knows_the_names_of_secrets(String name) {
        assertThat(SecretFinder.looksSecret(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "uri",
                "warehouse",
                "scope",
                "s3.access-key-id",
                "AWS_ACCESS_KEY_ID",
                "accessKeyId",
                "oauth2-server-uri",
                "token-refresh-enabled",
                "token-exchange-enabled",
                "token-expires-in-ms",
                "s3.session-token-expires-at-ms",
                "gcs.oauth2.token-expires-at",
                "client.credentials-provider",
                "adls.auth.shared-key.account.name",
                "header.X-Iceberg-Access-Delegation",
                "s3.remote-signing-enabled",
                "jdbc.user",
                "client.region",
                "disaster",
                "compass.x",
                "rest.auth.type",
                "client-assertion-type",
                "header.User-Agent",
                "header.Accept-Encoding",
                "spin",
                "author",
                "path",
                "compat",
                "monkey",
                "catalogKeys",
                "pwn",
            })
    void leaves_other_names_alone(String name) {
        assertThat(SecretFinder.looksSecret(name)).isFalse();
    }

    @Test
    void takes_a_credential_apart() {
        assertThat(SecretFinder.secretsOf(Map.of("credential", "client:top:secret")))
                .containsExactlyInAnyOrder("client:top:secret", "top:secret");
    }

    @Test
    void takes_an_authorization_header_apart() {
        assertThat(SecretFinder.secretsOf(Map.of("header.Authorization", "Bearer abc.def")))
                .containsExactlyInAnyOrder("Bearer abc.def", "abc.def");
        assertThat(SecretFinder.secretsOf(Map.of("header.Authorization", "Basic dXNlcjpodW50ZXIy")))
                .contains("dXNlcjpodW50ZXIy", "user:hunter2", "hunter2");
    }

    @Test
    void takes_neither_the_container_of_an_azure_location_nor_a_kind_of_authentication_for_a_secret() {
        assertThat(SecretFinder.secretsOf(Map.of(
                        "warehouse", "abfss://data@account.dfs.core.windows.net/lake",
                        "root", "WASBS://data@account.blob.core.windows.net",
                        "jdbc.auth", "noSasl",
                        "hive.auth", "Kerberos")))
                .isEmpty();
    }

    @Test
    void takes_a_connection_string_apart() {
        assertThat(SecretFinder.secretsOf(Map.of(
                        "adls.connection-string.a", "AccountName=a;AccountKey=abcdef==;EndpointSuffix=example.com")))
                .contains("abcdef==")
                .doesNotContain("a", "example.com");
    }

    @Test
    void joins_user_and_password_as_basic_authentication_does() {
        assertThat(SecretFinder.secretsOf(
                        Map.of("rest.auth.basic.username", "ann", "rest.auth.basic.password", "hunter2")))
                .contains("ann:hunter2", "hunter2");
    }

    @Test
    void does_not_take_a_switch_for_a_secret() {
        assertThat(SecretFinder.secretsOf(Map.of("rest.token", "true", "x.credential", "False")))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "https://ann:hunter2@example.com/x, hunter2",
        "https://ann:hun@ter2@example.com/x, hun@ter2",
        "https://ann:hunt%2Fer2@example.com/x, hunt/er2",
        "https://ghp_abcdef@example.com/x, ghp_abcdef",
        "jdbc:postgresql://example.com/db?user=ann&password=hunter2, hunter2",
        "jdbc:postgresql://example.com/db?password=hunter%262&ssl=true, hunter&2",
        "jdbc:sqlserver://example.com;user=ann;password=hunter2;x=y, hunter2",
        "https://example.com/x?sv=1&sig=abc%2Bdef%3D, abc+def=",
        "https://example.com/x?access_token=abcdef#part, abcdef",
        "jdbc:sqlite:file.db?password=hunter2, hunter2",
        "jdbc:oracle:thin:scott/hunter2@db.example.com:1521:x, hunter2",
        "jdbc:oracle:oci:scott/hunt@er2@//db.example.com/x, hunt@er2",
        "'jdbc:sqlserver://example.com;user=ann;password={hunt;er}}2};x=y', hunt;er}2",
        "'org.example.LoginModule required username=\"ann\" password=\"hunt er2\";', hunt er2",
    })
    void finds_secrets_in_uris(String uri, String secret) {
        assertThat(SecretFinder.secretsOf(Map.of("uri", uri))).contains(secret);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://example.com/a@b",
                "https://example.com/?to=a@b.c",
                "jdbc:postgresql://example.com:5432/db?user=ann&ssl=true",
                "s3://bucket/prefix",
                "plain text?to=word",
            })
    void finds_none_where_there_is_none(String uri) {
        assertThat(SecretFinder.secretsOf(Map.of("uri", uri))).isEmpty();
    }
}
