package io.etcdaws.it;

/** Tests of the whole program that are not about how long it waits before it forms a cluster. */
abstract class HurryingTest extends WholeProgramTest {
    @Override
    LabGroup groupOf(int desired) {
        LabGroup group = super.groupOf(desired);
        group.nodes().forEach(LabNode::hurrying);
        return group;
    }
}
