package io.etcdaws.simulation;

import io.etcdaws.membership.ClusterId;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An entry of a raft log together with all before it: a log is known by its last entry. With each entry goes what a member
 * that has applied it knows.
 *
 * @param before the entry before it; null for the first
 * @param index counted from 1
 * @param term the term of the leader that made it
 * @param state what is so once it is applied
 */
record Entry(@Nullable Entry before, int index, int term, State state) {
    /** What a member knows. */
    static final class State {
        private final ClusterId cluster;
        private final Map<MemberId, Member> members;
        private final Set<MemberId> removed;
        private final Optional<Held> lock;
        private final List<Member> list;
        private final List<Member> voters;

        /**
         * What a member knows.
         *
         * @param cluster the cluster
         * @param members the member list
         * @param removed the ids of members that were removed
         * @param lock who holds the lock for changes of the membership
         */
        State(ClusterId cluster, Map<MemberId, Member> members, Set<MemberId> removed, Optional<Held> lock) {
            this.cluster = cluster;
            this.members = members;
            this.removed = removed;
            this.lock = lock;
            this.list = List.copyOf(members.values());
            this.voters = list.stream().filter(Member::voter).toList();
        }

        private State(State before, Optional<Held> lock) {
            this.cluster = before.cluster;
            this.members = before.members;
            this.removed = before.removed;
            this.lock = lock;
            this.list = before.list;
            this.voters = before.voters;
        }

        ClusterId cluster() {
            return cluster;
        }

        Map<MemberId, Member> members() {
            return members;
        }

        Set<MemberId> removed() {
            return removed;
        }

        Optional<Held> lock() {
            return lock;
        }

        /** The member list, sorted by id. */
        List<Member> list() {
            return list;
        }

        List<Member> voters() {
            return voters;
        }

        State with(Member member) {
            Map<MemberId, Member> more = new TreeMap<>(members);
            more.put(member.id(), member);
            return new State(cluster, more, removed, lock);
        }

        State without(MemberId member) {
            Map<MemberId, Member> fewer = new TreeMap<>(members);
            fewer.remove(member);
            Set<MemberId> gone =
                    Stream.concat(removed.stream(), Stream.of(member)).collect(Collectors.toSet());
            return new State(cluster, fewer, gone, lock);
        }

        State with(Optional<Held> held) {
            return new State(this, held);
        }
    }

    /**
     * The lock, held.
     *
     * @param holder as it calls itself
     * @param handle of the lease
     * @param until when the lease ends, in milliseconds
     */
    record Held(String holder, String handle, long until) {}

    Entry then(int ofTerm, UnaryOperator<State> change) {
        return new Entry(this, index + 1, ofTerm, change.apply(state));
    }

    /** Whether that entry is in this log. */
    boolean holds(Entry other) {
        Entry entry = this;
        while (entry != null && entry.index > other.index) {
            entry = entry.before;
        }
        return other.equals(entry);
    }

    /** Whether whoever has this log may vote for one who has that log. */
    boolean mayFollow(Entry other) {
        return other.term > term || (other.term == term && other.index >= index);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return 31 * term + index;
    }

    @Override
    public String toString() {
        return index + "@" + term;
    }
}
