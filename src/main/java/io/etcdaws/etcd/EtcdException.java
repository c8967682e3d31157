package io.etcdaws.etcd;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** A call to etcd did not succeed. The message is for people; what follows from it is in {@link #kind}. */
public final class EtcdException extends RuntimeException {
    /** What a failure means to the caller. */
    public enum Kind {
        /** The port refuses connections. Nothing was done. */
        CONNECTION_REFUSED(true),
        /** No connection came about: filtered, no such host, no route. Nothing was done. */
        NO_CONNECTION(true),
        /** The TLS handshake failed, or the certificate was turned down. Nothing was done. */
        TLS(true),
        /** Connected, and no answer by the deadline. The connection was closed; etcd may have done it or may do it yet. */
        TIMED_OUT(false),
        /** The connection broke before the answer was there. */
        BROKEN(false),
        /** What came is not what etcd says. */
        GARBLED(false),
        /** Authentication or permission is missing. Nothing was done, and trying again does not help. */
        DENIED(true),
        /** This etcd has no such call: an API that is switched off, or an older version. Nothing was done. */
        UNSUPPORTED(true),
        /** etcd does not accept the arguments. Nothing was done. */
        INVALID(true),
        /** A member has this peer URL already. Nothing was done. */
        DUPLICATE_URL(true),
        /** There is no such member, or there was one. Nothing was done. */
        NOT_FOUND(true),
        /** The member to be promoted has a vote already. Nothing was done. */
        NOT_A_LEARNER(true),
        /** etcd's own checks forbid the change as things are. Nothing was done; another time it may be granted. */
        NOT_NOW(true),
        /** A refusal of the v2 API that gives no reason; at once and, as far as is known, with nothing done. */
        REFUSED_WITHOUT_REASON(false),
        /** A learner was asked what only a voter answers. Nothing was done. */
        LEARNER(true),
        /** The cluster is, or seems to this member, of a version that has no such API yet. Nothing was done. */
        NOT_CAPABLE(true),
        /** The JSON gateway does not reach the etcd it belongs to. */
        GATEWAY(false),
        /** No leader, no quorum, stopping, or an error not known: it may have been done, or be done yet. */
        UNDECIDED(false);

        private final boolean nothingDone;

        Kind(boolean nothingDone) {
            this.nothingDone = nothingDone;
        }

        /** Whether it is certain that the call changed nothing and will change nothing later. */
        public boolean nothingDone() {
            return nothingDone;
        }
    }

    private final Kind kind;

    /** A failure of that kind. */
    public EtcdException(Kind kind, String message) {
        // No stack trace: this is an answer of another machine, and many are made in a round.
        super(message, null, false, false);
        this.kind = kind;
    }

    /** What follows from it. */
    public Kind kind() {
        return kind;
    }

    /** The failure as this type, without what futures wrap around it; anything unexpected is {@link Kind#UNDECIDED}. */
    public static EtcdException of(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof EtcdException known ? known : new EtcdException(Kind.UNDECIDED, cause.toString());
    }
}
