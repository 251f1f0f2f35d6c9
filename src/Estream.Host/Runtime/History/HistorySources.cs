using Estream.Circuits;
using Estream.Streams.Pipelines;

namespace Estream.Host.Runtime;

/// <summary>Lists the series of a host, the most important first: docs/guides/operating/history.md has the order.</summary>
internal static class HistorySources
{
    private const int TicksPerSlowRead = 10;
    private const int Median = 500;
    private const int P99 = 990;
    private const double PercentPerTick = 100.0 / TimeSpan.TicksPerSecond;

    /// <summary>Returns the series of the open parts. They read the parts directly, because the overview does not contain all of
    /// them.</summary>
    public static List<SeriesSource> Of(HostComponents parts, HostConfiguration plan, ReaderLags lags)
    {
        List<SeriesSource> sources = [];
        AddHost(sources, parts);
        foreach (ReplicationRuntime one in parts.Replication)
        {
            AddReplication(sources, one);
        }

        foreach (AdapterRuntime adapter in parts.Adapters)
        {
            AddAdapter(sources, adapter);
        }

        foreach (RunningCircuit circuit in parts.Circuits)
        {
            AddCircuit(sources, circuit);
        }

        foreach (PipelineRunner pipeline in parts.Pipelines.Concat(parts.Circuits.SelectMany(circuit => circuit.Outputs)))
        {
            AddPipeline(sources, pipeline, parts.Queues[pipeline.Running.Declaration.Source]);
        }

        // A partitioned queue is one queue.
        IGrouping<string, QueueRuntime>[] queues =
            [.. parts.Queues.Values.GroupBy(queue => plan.Data.PartitionOf(queue.Name)?.Queue ?? queue.Name, StringComparer.Ordinal)];
        sources.AddRange(queues.Select(queue => RateOf(queue.Key, [.. queue])));
        foreach (MapRuntime map in parts.Maps.Values)
        {
            AddMap(sources, map);
        }

        sources.AddRange(parts.WrittenMapCounts.Select(output => new SeriesSource(
            new SeriesInfo($"map/{output.Map}/entries", "Entries", SeriesInfo.Count, "map", output.Map, SeriesInfo.ScopeOfMap(output.Map)),
            output.Count)));
        foreach ((string queue, string reader) in lags.Readers)
        {
            sources.Add(new SeriesSource(
                new SeriesInfo(
                    $"queue/{queue}/lag/{reader}", $"Bytes not read by {reader}", SeriesInfo.Bytes, "queue", queue,
                    SeriesInfo.ScopeOfQueue(queue)),
                () => lags.Of(queue, reader)));
        }

        sources.AddRange(queues.Select(queue => BytesOf(queue.Key, [.. queue])));

        // A stable sort: series with alerts come first, the others keep their order.
        HashSet<string> watched = [.. plan.Alerts.Rules.Select(rule => rule.Series)];
        return [.. sources.OrderByDescending(source => watched.Contains(source.Info.Name))];
    }

    private static void AddHost(List<SeriesSource> sources, HostComponents parts)
    {
        const string Kind = "host";
        sources.Add(new SeriesSource(new SeriesInfo("host/cpu", "Processor time", SeriesInfo.Percent, Kind, "", ""),
            static () => Environment.CpuUsage.TotalTime.Ticks * PercentPerTick, IsTotal: true));
        sources.Add(new SeriesSource(new SeriesInfo("host/memory", "Resident memory", SeriesInfo.Bytes, Kind, "", ""),
            Slowly(static () => Environment.WorkingSet)));
        sources.Add(new SeriesSource(new SeriesInfo("host/disk-free", "Free space", SeriesInfo.Bytes, Kind, "", ""),
            () => parts.FreeBytes ?? double.NaN));
    }

    // The system computes the resident memory from a file, which costs more than all other values together.
    private static Func<double> Slowly(Func<double> read)
    {
        (int reads, double last) = (0, double.NaN);
        return () => last = reads++ % TicksPerSlowRead == 0 ? read() : last;
    }

    private static void AddReplication(List<SeriesSource> sources, ReplicationRuntime one)
    {
        const string Kind = "replication";
        string scope = one.Overview.Kind == "map" ? SeriesInfo.ScopeOfMap(one.Queue) : SeriesInfo.ScopeOfQueue(one.Queue);
        sources.Add(new SeriesSource(
            new SeriesInfo($"replication/{one.Queue}/lag-messages", "Messages not replicated", SeriesInfo.Count, Kind, one.Queue, scope),
            () => one.Overview.LagMessages));
        sources.Add(new SeriesSource(
            new SeriesInfo($"replication/{one.Queue}/lag-seconds", "Replication lag", SeriesInfo.Seconds, Kind, one.Queue, scope),
            () => one.Overview.LagSeconds is >= 0 and var lag ? lag : double.NaN));
    }

    private static void AddAdapter(List<SeriesSource> sources, AdapterRuntime adapter)
    {
        SeriesInfo Info(string value, string title, string unit) =>
            new($"adapter/{adapter.Name}/{value}", title, unit, "adapter", adapter.Name, "");
        sources.Add(new SeriesSource(
            Info("received", "Messages received", SeriesInfo.PerSecond), () => adapter.Statistics.ReceivedTotal, IsTotal: true));
        sources.Add(new SeriesSource(
            Info("rejected", "Messages rejected", SeriesInfo.PerSecond), () => adapter.Statistics.RejectedTotal, IsTotal: true));
        sources.Add(new SeriesSource(Info("connections", "Connections", SeriesInfo.Count), () => adapter.Statistics.Connections));
        sources.Add(new SeriesSource(
            Info("p50", "Median time to store", SeriesInfo.Seconds),
            Slowly(new LatencyWindow(() => adapter.StoreTimes, Median).Read)));
        sources.Add(new SeriesSource(
            Info("p99", "99th percentile of the time to store", SeriesInfo.Seconds),
            Slowly(new LatencyWindow(() => adapter.StoreTimes, P99).Read)));
    }

    // The slowest output counts.
    private static void AddCircuit(List<SeriesSource> sources, RunningCircuit circuit)
    {
        SeriesSource Percentile(string value, string title, int perMille)
        {
            LatencyWindow[] outputs = [.. circuit.Observations.Select(output => new LatencyWindow(() => output.Latencies, perMille))];
            return new SeriesSource(
                new SeriesInfo($"circuit/{circuit.Circuit.Name}/{value}", title, SeriesInfo.Seconds, "circuit", circuit.Circuit.Name, ""),
                Slowly(() => Slowest(outputs)));
        }

        sources.Add(Percentile("p50", "Median latency", Median));
        sources.Add(Percentile("p99", "99th percentile of the latency", P99));
    }

    private static double Slowest(LatencyWindow[] outputs)
    {
        double slowest = double.NaN;
        foreach (LatencyWindow output in outputs)
        {
            double latency = output.Read();
            slowest = double.IsNaN(slowest) || latency > slowest ? latency : slowest;
        }

        return slowest;
    }

    private static void AddPipeline(List<SeriesSource> sources, PipelineRunner pipeline, QueueRuntime source)
    {
        string name = pipeline.Running.Declaration.Name;
        SeriesInfo Info(string value, string title, string unit) =>
            new($"pipeline/{name}/{value}", title, unit, "pipeline", name, SeriesInfo.ScopeOfQueue(source.Name));
        sources.Add(new SeriesSource(
            Info("rate", "Messages read", SeriesInfo.PerSecond), () => pipeline.Running.Results.Read, IsTotal: true));
        sources.Add(new SeriesSource(Info("lag", "Bytes not read", SeriesInfo.Bytes),
            () => Math.Max(0, source.Queue.BytesBetween(pipeline.Running.Results.Position, source.Watch.Extent().EndPosition))));
    }

    private static void AddMap(List<SeriesSource> sources, MapRuntime map)
    {
        string name = map.Plan.Name;
        SeriesInfo Info(string value, string title, string unit) =>
            new($"map/{name}/{value}", title, unit, "map", name, SeriesInfo.ScopeOfMap(name));
        sources.Add(new SeriesSource(Info("entries", "Entries", SeriesInfo.Count), () => map.EntryCount));
        sources.Add(new SeriesSource(Info("rate", "Messages applied", SeriesInfo.PerSecond), () => map.FoldedTotal, IsTotal: true));
    }

    private static SeriesSource RateOf(string name, QueueRuntime[] partitions) => new(
        new SeriesInfo($"queue/{name}/rate", "Messages appended", SeriesInfo.PerSecond, "queue", name, SeriesInfo.ScopeOfQueue(name)),
        () => Sum(partitions, static extent => extent.NextSequence), IsTotal: true);

    private static SeriesSource BytesOf(string name, QueueRuntime[] partitions) => new(
        new SeriesInfo($"queue/{name}/bytes", "Bytes of log", SeriesInfo.Bytes, "queue", name, SeriesInfo.ScopeOfQueue(name)),
        () => Sum(partitions, static extent => extent.Bytes));

    private static double Sum(QueueRuntime[] partitions, Func<QueueExtent, long> value)
    {
        long sum = 0;
        foreach (QueueRuntime partition in partitions)
        {
            sum += value(partition.Watch.Extent());
        }

        return sum;
    }
}
