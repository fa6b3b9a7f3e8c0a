package io.sink.orphans;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * A file as the storage listed it.
 *
 * @param location as the storage spells it
 * @param bytes its length
 */
record ListedFile(String location, long bytes) {

    void writeTo(DataOutputStream out) throws IOException {
        out.writeUTF(location);
        out.writeLong(bytes);
    }

    static ListedFile readFrom(DataInputStream in) throws IOException {
        return new ListedFile(in.readUTF(), in.readLong());
    }
}
