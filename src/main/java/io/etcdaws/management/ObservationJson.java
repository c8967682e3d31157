package io.etcdaws.management;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.etcdaws.membership.Address;
import io.etcdaws.membership.Describe;
import io.etcdaws.membership.Group;
import io.etcdaws.membership.Instance;
import io.etcdaws.membership.Observation;
import io.etcdaws.membership.PeerState;
import io.etcdaws.membership.PeerState.Forming;
import io.etcdaws.membership.PeerState.HoldsData;
import io.etcdaws.membership.PeerState.Serving;
import io.etcdaws.reconcile.MembersJson;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;

/** An observation as JSON, for programs that read plans and the status. */
public final class ObservationJson {
    private ObservationJson() {}

    /**
     * All that was seen.
     *
     * @param at when that was
     */
    public static JsonObject of(Observation observation, Instant at) {
        JsonObject json = new JsonObject();
        json.addProperty("at", at.toString());
        json.addProperty("instance", observation.self().id().value());
        json.addProperty("address", observation.self().address().host());
        json.add("group", group(observation));
        json.addProperty("dataDirectory", observation.dataDirectory().name().toLowerCase(Locale.ROOT));
        json.addProperty("peersFilePresent", observation.peersFilePresent());
        JsonArray peers = new JsonArray();
        observation.peers().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(peer -> peers.add(peer(peer.getKey(), peer.getValue())));
        json.add("peers", peers);
        return json;
    }

    private static JsonObject group(Observation observation) {
        Group group = observation.group();
        JsonObject json = new JsonObject();
        json.addProperty("name", group.name());
        json.addProperty("desiredCapacity", group.desiredCapacity());
        group.clusterMark().ifPresent(mark -> json.addProperty("clusterMark", mark));
        json.addProperty("unchangedForMillis", observation.groupStableFor().toMillis());
        JsonArray instances = new JsonArray();
        group.instances().forEach(instance -> instances.add(instance(instance)));
        json.add("instances", instances);
        return json;
    }

    private static JsonObject instance(Instance instance) {
        JsonObject json = new JsonObject();
        json.addProperty("id", instance.id().value());
        instance.address().ifPresent(address -> json.addProperty("address", address.host()));
        instance.lifecycle().ifPresent(state -> json.addProperty("lifecycleState", state.apiName()));
        json.addProperty(
                "state", instance.state().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        json.addProperty("zone", instance.zone());
        json.addProperty("expected", instance.expected());
        return json;
    }

    private static JsonObject peer(Address address, PeerState state) {
        JsonObject json = new JsonObject();
        json.addProperty("address", address.host());
        json.addProperty("state", state.getClass().getSimpleName());
        json.addProperty("detail", Describe.state(state));
        if (state instanceof Serving serving) {
            json.addProperty("cluster", serving.cluster().toString());
            json.addProperty("version", serving.version());
            json.addProperty("clusterVersion", serving.clusterVersion());
            json.addProperty("healthy", serving.healthy());
            json.add("members", MembersJson.of(serving.members()));
        } else if (state instanceof Forming forming) {
            json.addProperty("cluster", forming.cluster().toString());
            json.add("members", MembersJson.of(forming.members()));
        } else if (state instanceof HoldsData data) {
            json.addProperty("cluster", data.cluster().toString());
            json.add("members", MembersJson.of(data.members()));
        }
        return json;
    }
}
