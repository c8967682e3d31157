package io.etcdaws.sandbox;

/**
 * A member, as etcd lists it.
 *
 * @param id hexadecimal
 * @param name the instance's id; empty if it has not started
 * @param address the host of its peer URL
 */
record MemberSight(String id, String name, String address, boolean learner, boolean leader) {
    /** What it is in the cluster. */
    String role() {
        return leader ? "leader" : learner ? "learner" : name.isEmpty() ? "added" : "voter";
    }

    boolean isVoter() {
        return !learner && !name.isEmpty();
    }
}
