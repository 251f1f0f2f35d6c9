using System.Diagnostics.Metrics;
using Estream.Host.Http;
using Estream.Host.Remote;
using Estream.Host.Runtime;
using Estream.Host.Widgets;

namespace Estream.Host.Metrics;

/// <summary>Metrics of queues, maps, adapters and other parts, read from the newest sample at each scrape.</summary>
internal sealed class HostMetrics : IDisposable
{
    private const double NanosPerSecond = 1e9;
    private const double MillisPerSecond = 1e3;

    private readonly Meter _meter = new("Estream.Host");
    private readonly HostView _view;

    public HostMetrics(HostView view, EventHub hub, WidgetCatalogue widgets, RemoteServer? remote = null)
    {
        _view = view;
        _meter.CreateObservableGauge("estream.host.ready", () => view.Health.Status == HealthStatusText.Ready ? 1 : 0, null,
            "1 if /health returns 200.");
        _meter.CreateObservableGauge("estream.host.quarantined", () => view.Overview.Quarantined.Count, null,
            "Queues, maps and other parts that the host runs without, because a file is damaged.");
        _meter.CreateObservableGauge("estream.host.console_clients", () => hub.ClientCount, null, "Connected event streams.");
        _meter.CreateObservableGauge("estream.queue.messages", () => OfQueues(q => q.Messages), null, "Messages in a queue.");
        _meter.CreateObservableGauge("estream.queue.size", () => OfQueues(q => q.Bytes), "By", "Bytes of log in a queue.");
        _meter.CreateObservableGauge("estream.queue.segments", () => OfQueues(q => q.Segments), null, "Segment files of a queue.");
        _meter.CreateObservableGauge("estream.queue.retention_held", OfHolds, null,
            "1 while the reader in the label holder keeps retention from deleting a segment of a queue.");
        _meter.CreateObservableCounter("estream.queue.evicted_segments", () => OfQueues(q => q.EvictedSegments), null,
            "Segments that readers held for too long and lost to retention, since the start of the host.");
        _meter.CreateObservableGauge("estream.queue.held_by", OfReaderHolds, null,
            "Bytes of segments beyond the retention limits of a queue that the named reader in the label keeps.");
        _meter.CreateObservableGauge("estream.map.entries", () => OfMaps(m => m.Entries), null, "Entries of a map.");
        _meter.CreateObservableGauge("estream.adapter.connections", () => OfAdapters(a => a.Connections), null,
            "Open connections of an adapter.");
        _meter.CreateObservableGauge("estream.adapter.healthy", () => OfAdapters(a => a.State == "healthy" ? 1 : 0), null,
            "1 if an adapter is healthy.");
        _meter.CreateObservableGauge("estream.adapter.state",
            () => OfAdapters(a => a.State switch { "healthy" => 0, "degraded" => 1, _ => 2 }), null,
            "0 if an adapter is healthy, 1 if it is degraded, 2 if it is unhealthy.");
        _meter.CreateObservableCounter("estream.adapter.received", () => OfAdapters(a => a.ReceivedTotal), null,
            "Messages received by an adapter.");
        _meter.CreateObservableCounter("estream.adapter.rejected", () => OfAdapters(a => a.RejectedTotal), null,
            "Messages, packets and connections refused by an adapter.");
        _meter.CreateObservableCounter("estream.adapter.restarts", () => OfAdapters(a => a.Restarts), null,
            "Restarts of an adapter after it ended unexpectedly, since the start of the host.");
        _meter.CreateObservableCounter("estream.adapter.bytes", OfAdapterBytes, "By", "Bytes of the messages received by an adapter.");
        _meter.CreateObservableGauge("estream.pipeline.running", () => OfPipelines(p => p.State == "running" ? 1 : 0), null,
            "1 if a declared pipeline is running, 0 if it is failing.");
        _meter.CreateObservableCounter("estream.pipeline.read", () => OfPipelines(p => p.ReadTotal), null,
            "Messages read by a declared pipeline, since the start of the host.");
        _meter.CreateObservableCounter("estream.pipeline.rejected", () => OfPipelines(p => p.RejectedTotal), null,
            "Messages rejected by a stage of a declared pipeline, and results it could not produce, since the start of the host.");
        _meter.CreateObservableCounter("estream.pipeline.late", () => OfPipelines(p => p.LateTotal), null,
            "Events that arrived too late for a declared pipeline, since its first start.");
        _meter.CreateObservableCounter("estream.pipeline.dropped", () => OfPipelines(p => p.DroppedTotal), null,
            "Events dropped by a declared pipeline, since its first start.");
        _meter.CreateObservableGauge("estream.pipeline.lag", () => OfPipelines(p => p.LagBytes), "By",
            "Bytes of log that a declared pipeline has not read yet; for a join, in its left queue.");
        AddMulticast();
        AddReplicas();
        AddReplication();
        AddCircuits();
        AddTenants();
        AddCards();
        AddWidgets(widgets, remote?.Streams ?? new StreamTotals());
        _meter.CreateObservableGauge("estream.witness.running", () => OfWitnesses(w => w.State == "running" ? 1 : 0), null,
            "1 if a queue is attested, 0 if its witness is failing.");
        _meter.CreateObservableCounter("estream.witness.attested", () => OfWitnesses(w => w.AttestedTotal), null,
            "Attested messages of a queue, since it has been witnessed.");
        _meter.CreateObservableGauge("estream.witness.waiting", () => OfWitnesses(w => w.Waiting), null,
            "Messages of a queue after its last attestation.");
        _meter.CreateObservableCounter("estream.egress.published", () => OfEgress(e => e.Published), null,
            "Messages of a queue published by an adapter.");
        _meter.CreateObservableCounter("estream.egress.refused", () => OfEgress(e => e.Refused), null,
            "Messages of a queue skipped because they can never be published.");
    }

    public void Dispose() => _meter.Dispose();

    private void AddCircuits()
    {
        _meter.CreateObservableGauge("estream.circuit.running", () => OfCircuits(c => c.State is "running" or "breached" ? 1 : 0), null,
            "1 if a circuit is running, 0 if it is failing or paused by the limits of its tenant.");
        _meter.CreateObservableCounter("estream.circuit.failures", () => OfCircuits(c => c.Failures), null,
            "Failures of circuit outputs that were retried, since the start of the host.");
        _meter.CreateObservableCounter("estream.circuit.operations", () => OfCircuits(c => c.Usage.Operations), null,
            "Messages read and results produced by a circuit, since its first start.");
        _meter.CreateObservableCounter("estream.circuit.cpu", () => OfCircuits(c => c.Usage.CpuNanos / NanosPerSecond), "s",
            "Processor time of a circuit, since its first start.");
        _meter.CreateObservableGauge("estream.circuit.memory", () => OfCircuits(c => c.Usage.MemoryBytes), "By",
            "Memory of the message buffers of a circuit.");
        _meter.CreateObservableGauge("estream.circuit.storage", () => OfCircuits(c => c.Usage.StorageBytes), "By",
            "Bytes of the files of a circuit's outputs and state.");
        _meter.CreateObservableCounter("estream.circuit.ingress", () => OfCircuits(c => c.Usage.IngressBytes), "By",
            "Bytes of the messages read by a circuit, since its first start.");
        _meter.CreateObservableCounter("estream.circuit.egress", () => OfCircuits(c => c.Usage.EgressBytes), "By",
            "Bytes of the results produced by a circuit, since its first start.");
        _meter.CreateObservableCounter("estream.circuit.proofs", () => OfCircuits(c => c.Usage.Proofs), null,
            "Signed attestations of a circuit's outputs, since its first start.");
        _meter.CreateObservableCounter("estream.circuit.retention_byte_seconds", () => OfCircuits(c => c.Usage.RetentionByteSeconds), null,
            "Bytes stored by a circuit, multiplied by seconds, since its first start.");
        _meter.CreateObservableGauge("estream.circuit.service_level", OfPromises, null,
            "1 while a circuit meets a service level, 0 while it does not.");
        _meter.CreateObservableGauge("estream.circuit.latency", OfLatencies, "s",
            "Latency of messages from their append until their result was committed, by quantile, since the start of the host. Measured "
            + "from level L1 on.");
        _meter.CreateObservableGauge("estream.circuit.observation_level", () => OfStreams(stream => (long)(stream.Effective[^1] - '0')),
            null, "Observation level of an output stream: 0 counters, 1 latencies, 2 some traces, 3 all traces.");
        _meter.CreateObservableCounter("estream.circuit.traced", () => OfStreams(stream => stream.TracedTotal), null,
            "Messages traced on the path to an output, since the start of the host.");
        _meter.CreateObservableCounter("estream.circuit.untraced", () => OfStreams(stream => stream.UntracedTotal), null,
            "Messages selected for tracing but not traced because the budget was exhausted, since the start of the host.");
    }

    private void AddMulticast()
    {
        _meter.CreateObservableGauge("estream.multicast.running",
            () => OfMulticast(m => m.State == MulticastOverview.Failing ? 0 : 1), null,
            "1 while a publisher or subscriber of a queue has its network, 0 if it is failing.");
        _meter.CreateObservableGauge("estream.multicast.receivers", () => OfMulticast(m => m.Receivers), null,
            "Connected subscribers of a publisher.");
        _meter.CreateObservableGauge("estream.multicast.lag", () => OfMulticast(m => m.LagBytes), "By",
            "Bytes of log that a publisher has not sent, or that a subscriber does not have yet.");
        _meter.CreateObservableCounter("estream.multicast.packets", () => OfMulticast(m => m.PacketsTotal), null,
            "Packets sent by a publisher, or received by a subscriber.");
        _meter.CreateObservableCounter("estream.multicast.losses", () => OfMulticast(m => m.LossesTotal), null,
            "Gaps found by a subscriber.");
        _meter.CreateObservableCounter("estream.multicast.naks", () => OfMulticast(m => m.NaksTotal), null,
            "Retransmission requests received by a publisher, or sent by a subscriber.");
        _meter.CreateObservableCounter("estream.multicast.retransmits", () => OfMulticast(m => m.RetransmitsTotal), null,
            "Packets sent again by a publisher.");
        _meter.CreateObservableCounter("estream.multicast.restored", () => OfMulticast(m => m.RestoredTotal), null,
            "Packets restored by a subscriber with error correction.");
        _meter.CreateObservableCounter("estream.multicast.invalid", () => OfMulticast(m => m.InvalidTotal), null,
            "Received packets that are damaged, forged or of another protocol.");
        _meter.CreateObservableCounter("estream.multicast.dropped", () => OfMulticast(m => m.DroppedTotal), null,
            "Packets dropped because a buffer of a publisher or subscriber was full.");
    }

    private void AddReplicas()
    {
        _meter.CreateObservableGauge("estream.replica.running", () => OfReplicas(r => r.State == ReplicaOverview.Running ? 1 : 0), null,
            "1 while a replica follows its source, 0 if it is failing.");
        _meter.CreateObservableCounter("estream.replica.copied", () => OfReplicas(r => r.CopiedTotal), null,
            "Messages copied to a replica, since the start of the host.");
        _meter.CreateObservableGauge("estream.replica.lag_messages", () => OfReplicas(r => r.LagMessages), null,
            "Messages of a queue that its replica does not have yet.");
    }

    private IEnumerable<Measurement<long>> OfReplicas(Func<ReplicaOverview, long> value) =>
        [.. _view.Overview.Replicas.Select(r => new Measurement<long>(value(r), new KeyValuePair<string, object?>("replica", r.Name)))];

    private void AddReplication()
    {
        _meter.CreateObservableGauge("estream.replication.running", () => OfReplication(r => r.State == "running" ? 1 : 0), null,
            "1 while a queue is replicated, 0 while no broker confirms, or after another host has taken over the queue.");
        _meter.CreateObservableGauge("estream.replication.lag_messages", () => OfReplication(r => r.LagMessages), null,
            "Messages of a published queue that are not confirmed by a majority of the brokers.");
        _meter.CreateObservableGauge("estream.replication.lag", () => OfReplication(r => r.LagBytes), "By",
            "Bytes of log of a published queue that are not confirmed by a majority of the brokers.");
        _meter.CreateObservableGauge("estream.replication.lag_time", () => OfReplication(r => r.LagSeconds), "s",
            "Time since the last confirm of a publisher with unconfirmed messages; age of the newest message of a follower; age of the "
            + "content of a followed map, -1 while it is not complete.");
        _meter.CreateObservableGauge("estream.replication.epoch", () => OfReplication(r => r.Epoch), null,
            "Epoch of a replicated queue. Each takeover by a publisher begins an epoch.");
        _meter.CreateObservableCounter("estream.replication.connections", () => OfReplication(r => r.ConnectionsTotal), null,
            "Connections to brokers opened for a queue, since the start of the host.");
        _meter.CreateObservableCounter("estream.replication.unreadable", () => OfReplication(r => r.UnreadableTotal), null,
            "Entries of a stream that were skipped because they are forged, damaged, of another queue, or encrypted with an unknown key, "
            + "since the start of the host.");
        _meter.CreateObservableGauge("estream.replication.diverged", () => OfDiverged(d => d.Logs), null,
            "Logs of a queue that were put aside because they differ from its stream.");
        _meter.CreateObservableGauge("estream.replication.diverged_kept", () => OfDiverged(d => d.Kept), null,
            "Logs of a queue that were put aside and may hold acknowledged messages. Only a person deletes them.");
    }

    private void AddTenants()
    {
        const string OfAll = " of all circuits of a tenant, including removed circuits.";
        _meter.CreateObservableCounter("estream.tenant.operations", () => OfTenants(t => t.Usage.Operations), null,
            "Messages read and results produced" + OfAll);
        _meter.CreateObservableCounter("estream.tenant.cpu", () => OfTenants(t => t.Usage.CpuNanos / NanosPerSecond), "s",
            "Processor time" + OfAll);
        _meter.CreateObservableCounter("estream.tenant.ingress", () => OfTenants(t => t.Usage.IngressBytes), "By",
            "Bytes of messages read" + OfAll);
        _meter.CreateObservableCounter("estream.tenant.egress", () => OfTenants(t => t.Usage.EgressBytes), "By",
            "Bytes of results" + OfAll);
        _meter.CreateObservableCounter("estream.tenant.proofs", () => OfTenants(t => t.Usage.Proofs), null,
            "Signed attestations of outputs" + OfAll);
        _meter.CreateObservableCounter("estream.tenant.retention_byte_seconds", () => OfTenants(t => t.Usage.RetentionByteSeconds), null,
            "Bytes stored, multiplied by seconds," + OfAll);
    }

    private void AddWidgets(WidgetCatalogue widgets, StreamTotals streams)
    {
        _meter.CreateObservableGauge("estream.widget.installed", () => widgets.Current.Widgets.Count, null,
            "Installed widgets that the host serves.");
        _meter.CreateObservableGauge("estream.widget.refused", () => widgets.Current.Refused.Count, null,
            "Installed widgets and themes that the host refuses; /api/widgets has the reasons.");
        _meter.CreateObservableGauge("estream.widget.memory", () => widgets.Current.Bytes, "By",
            "Bytes of the bundles and images of widgets in memory.");
        _meter.CreateObservableCounter("estream.widget.frames", () => widgets.Frames, null,
            "Documents of frames that the host has served, since the start of the host.");
        _meter.CreateObservableGauge("estream.widget.streams", () => streams.Open, null,
            "Stream subscriptions of widgets, of components and of the console.");
        _meter.CreateObservableCounter("estream.widget.dropped", () => streams.Dropped, null,
            "Messages left out of stream subscriptions because of their rate, since the start of the host.");
    }

    private void AddCards()
    {
        _meter.CreateObservableGauge("estream.card.running", () => OfCards(c => c.State == "running" ? 1 : 0), null,
            "1 while a card accepts work; the label backend names the kind of card.");
        _meter.CreateObservableCounter("estream.card.answered", () => OfCards(c => c.Answered), null,
            "Requests answered by a card, since the start of the host.");
        _meter.CreateObservableCounter("estream.card.unanswered", () => OfCards(c => c.Unanswered), null,
            "Requests for a card that were processed without it, since the start of the host.");
        _meter.CreateObservableCounter("estream.card.failures", () => OfCards(c => c.Failures), null,
            "Failures of a card: missing, timed out or returned an invalid result, since the start of the host.");
        _meter.CreateObservableGauge("estream.card.map_entries", () => OfCards(c => c.MapEntries), null, "Entries in the map of a card.");
        _meter.CreateObservableCounter("estream.card.hot_hits", () => OfCards(c => c.HotHits), null,
            "Lookups answered by the hot-key memory of a card, since the card was reset.");
        _meter.CreateObservableCounter("estream.card.hot_misses", () => OfCards(c => c.HotMisses), null,
            "Lookups not answered by the hot-key memory of a card, since the card was reset.");
    }

    private IEnumerable<Measurement<T>> OfReplication<T>(Func<ReplicationOverview, T> value)
        where T : struct =>
        [.. _view.Overview.Replication.Select(r => new Measurement<T>(value(r), new KeyValuePair<string, object?>(r.Kind, r.Queue),
            new KeyValuePair<string, object?>("role", r.Role)))];

    private IEnumerable<Measurement<int>> OfDiverged(Func<DivergedHealth, int> value) =>
        [.. (_view.Health.Diverged ?? []).Select(d => new Measurement<int>(value(d), new KeyValuePair<string, object?>("queue", d.Queue)))];

    private IEnumerable<Measurement<long>> OfMulticast(Func<MulticastOverview, long> value) =>
        [.. _view.Overview.Multicast.Select(m => new Measurement<long>(value(m), new KeyValuePair<string, object?>("multicast", m.Name),
            new KeyValuePair<string, object?>("queue", m.Queue), new KeyValuePair<string, object?>("role", m.Role)))];

    private IEnumerable<Measurement<long>> OfHolds() =>
        [.. _view.Overview.Queues.Where(q => q.RetentionHeldBy.Length > 0).Select(q =>
            new Measurement<long>(1, new KeyValuePair<string, object?>("queue", q.Name),
                new KeyValuePair<string, object?>("holder", q.RetentionHeldBy)))];

    private IEnumerable<Measurement<long>> OfReaderHolds() =>
        [.. _view.Overview.Queues.SelectMany(q => (q.HeldBy ?? []).Select(hold =>
            new Measurement<long>(hold.Bytes, new KeyValuePair<string, object?>("queue", q.Name),
                new KeyValuePair<string, object?>("reader", hold.Reader))))];

    private IEnumerable<Measurement<long>> OfCards(Func<CardOverview, long> value) =>
        [.. _view.Overview.Cards.Select(c =>
            new Measurement<long>(value(c), new KeyValuePair<string, object?>("card", c.Name),
                new KeyValuePair<string, object?>("backend", c.Backend)))];

    private IEnumerable<Measurement<T>> OfTenants<T>(Func<TenantOverview, T> value)
        where T : struct =>
        [.. _view.Overview.Tenants.Select(t => new Measurement<T>(value(t), new KeyValuePair<string, object?>("tenant", t.Name)))];

    private IEnumerable<Measurement<T>> OfCircuits<T>(Func<CircuitOverview, T> value)
        where T : struct =>
        [.. _view.Overview.Circuits.Select(c =>
            new Measurement<T>(value(c), new KeyValuePair<string, object?>("circuit", c.Name),
                new KeyValuePair<string, object?>("tenant", c.Tenant)))];

    private IEnumerable<Measurement<long>> OfStreams(Func<ObservationOverview, long> value) =>
        [.. _view.Overview.Circuits.SelectMany(c => c.Observations.Select(stream => new Measurement<long>(
            value(stream), new KeyValuePair<string, object?>("circuit", c.Name),
            new KeyValuePair<string, object?>("output", stream.Output))))];

    private IEnumerable<Measurement<double>> OfLatencies() =>
        [.. _view.Overview.Circuits.SelectMany(c =>
            c.Observations.SelectMany(stream => new[] { ("0.5", stream.P50Ms), ("0.99", stream.P99Ms), ("0.999", stream.P999Ms) }
            .Where(quantile => quantile.Item2 is not null)
            .Select(quantile => new Measurement<double>(
                quantile.Item2!.Value / MillisPerSecond, new KeyValuePair<string, object?>("circuit", c.Name),
                new KeyValuePair<string, object?>("output", stream.Output),
                new KeyValuePair<string, object?>("quantile", quantile.Item1)))))];

    private IEnumerable<Measurement<int>> OfPromises() =>
        [.. _view.Overview.Circuits.SelectMany(c => c.ServiceLevels.Select(level => new Measurement<int>(
            level.BrokenSince is null ? 1 : 0, new KeyValuePair<string, object?>("circuit", c.Name),
            new KeyValuePair<string, object?>("promise", level.Name))))];

    private IEnumerable<Measurement<long>> OfQueues(Func<QueueOverview, long> value) =>
        [.. _view.Overview.Queues.Select(q => new Measurement<long>(value(q), new KeyValuePair<string, object?>("queue", q.Name)))];

    private IEnumerable<Measurement<long>> OfEgress(Func<EgressPump, long> value) =>
        [.. _view.Egress.Select(e => new Measurement<long>(
            value(e.Pump), new KeyValuePair<string, object?>("adapter", e.Adapter),
            new KeyValuePair<string, object?>("queue", e.Pump.Queue)))];

    private IEnumerable<Measurement<long>> OfMaps(Func<MapOverview, long> value) =>
        [.. _view.Overview.Maps.Select(m => new Measurement<long>(value(m), new KeyValuePair<string, object?>("map", m.Name)))];

    private IEnumerable<Measurement<long>> OfPipelines(Func<PipelineOverview, long> value) =>
        [.. _view.Overview.Pipelines.Select(p => new Measurement<long>(value(p), new KeyValuePair<string, object?>("pipeline", p.Name)))];

    private IEnumerable<Measurement<long>> OfWitnesses(Func<WitnessOverview, long> value) =>
        [.. _view.Overview.Witnesses.Select(w => new Measurement<long>(value(w), new KeyValuePair<string, object?>("queue", w.Queue)))];

    private IEnumerable<Measurement<long>> OfAdapterBytes() =>
        [.. _view.Adapters.Select(a =>
            new Measurement<long>(a.Statistics.BytesTotal, new KeyValuePair<string, object?>("adapter", a.Adapter)))];

    private IEnumerable<Measurement<long>> OfAdapters(Func<AdapterOverview, long> value) =>
        [.. _view.Overview.Adapters.Select(a => new Measurement<long>(value(a), new KeyValuePair<string, object?>("adapter", a.Name)))];
}
