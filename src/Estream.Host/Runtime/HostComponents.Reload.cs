using Estream.Queue;

namespace Estream.Host.Runtime;

/// <content>Changes of the parts while the host runs. One thread at a time calls these methods.</content>
internal sealed partial class HostComponents
{
    // Only adapters reach these parts, until the change is complete.
    private readonly PartTable<QueueRuntime> _pendingQueues = new();
    private readonly PartTable<WitnessRuntime> _pendingWitnesses = new();
    private readonly PartTable<MapRuntime> _pendingMaps = new();
    private readonly List<string> _pendingPartitioned = [];

    // The schema files that a change has written. DiscardAsync restores them.
    private readonly List<ReplacedFile> _pendingSchemas = [];

    /// <summary>How long a witness may take to attest the last messages of a removed queue.</summary>
    private static readonly TimeSpan s_witnessLimit = TimeSpan.FromSeconds(5);

    /// <summary>Whether a part that cannot change while the host runs uses a map: a pipeline, a circuit or a replica.</summary>
    public bool SharesMap(string name) => _resources?.Uses(ReloadChange.Map, name) == true
        || _plan.Replicas.Values.Any(replica => replica.Map == name);

    /// <summary>Whether a pipeline or a circuit uses a queue.</summary>
    public bool SharesQueue(string name) => _resources?.Uses(ReloadChange.Queue, name) == true;

    /// <summary>Opens queues of the configuration, with their witnesses. Clients and the console do not see the queues yet.</summary>
    /// <exception cref="Exception">A queue cannot be opened. Call <see cref="DiscardAsync"/>.</exception>
    public void OpenQueues(IReadOnlyCollection<string> names)
    {
        foreach (string partitioned in names.Select(name => _plan.Data.PartitionOf(name)?.Queue).OfType<string>().Distinct())
        {
            _partitioned!.Add(partitioned);
            _pendingPartitioned.Add(partitioned);
        }

        foreach (string name in names)
        {
            OpenPending(name);
        }

        Remote?.Add([.. _pendingQueues.Values], [.. Sinks.All.Where(sink => _pendingQueues.ContainsKey(sink.Name))]);
        foreach (WitnessPlan witness in _plan.Witnesses.Values.Where(witness => _pendingQueues.ContainsKey(witness.Queue)))
        {
            Check(witness);
            _pendingWitnesses.Add(witness.Queue, OpenWitness(witness, _pendingQueues[witness.Queue], _clock, _loggers));
        }
    }

    /// <summary>Opens maps of the configuration. Clients and the console do not see the maps yet.</summary>
    /// <param name="names">The names of the maps.</param>
    /// <param name="isStarted">Whether the maps start to follow their queues now. A changed map starts in <see cref="PublishAsync"/>,
    /// because its start deletes the old entries.</param>
    /// <exception cref="Exception">A map cannot be opened. Call <see cref="DiscardAsync"/>.</exception>
    public void OpenMaps(IReadOnlyCollection<string> names, bool isStarted)
    {
        foreach (MapPlan map in names.Select(name => _plan.Maps[name]))
        {
            _opening.Opening($"map {map.Name}", _plan.Data.Map(map.Name),
                () => _pendingMaps.Add(map.Name, OpenMap(map, SchemaOf(map), _clock)));
            if (isStarted)
            {
                _pendingMaps[map.Name].Start();
            }
        }
    }

    /// <summary>Closes a map. Requests of clients for this map fail from now on. The files stay.</summary>
    public async Task CloseMapAsync(string name)
    {
        Remote?.RemoveFold(name);
        if (_maps.Remove(name) is { } map)
        {
            await map.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Changes retention limits and durability of a queue, if it is open, to the given options.</summary>
    public void Adjust(string name, QueueOptions limits)
    {
        if (_queues.TryGetValue(name, out QueueRuntime? queue))
        {
            Sinks.Adjust(name, queue.Queue, limits);
        }
    }

    /// <summary>Shows the opened queues and maps to clients and the console, and starts their witnesses and the changed maps.</summary>
    /// <param name="limit">How long to wait until the maps have read their queues.</param>
    /// <returns>The maps that still read their queues.</returns>
    public async Task<IReadOnlyList<string>> PublishAsync(TimeSpan limit)
    {
        _pendingPartitioned.Clear();
        _pendingSchemas.Clear();
        QueueRuntime[] queues = [.. _pendingQueues.Values];
        foreach (QueueRuntime queue in queues)
        {
            _queues.Add(queue.Name, queue);
            _pendingQueues.Remove(queue.Name);
        }

        foreach ((string queue, WitnessRuntime witness) in _pendingWitnesses)
        {
            witness.Start();
            _witnesses.Add(queue, witness);
            _pendingWitnesses.Remove(queue);
        }

        OrphanedReaders.Warn(_loggers.CreateLogger("Estream.Host.Storage"), _plan, queues);
        foreach (MapRuntime map in _pendingMaps.Values)
        {
            map.Start();
        }

        string[] behind = await WaitForMapsAsync(limit).ConfigureAwait(false);
        foreach ((string name, MapRuntime map) in _pendingMaps)
        {
            _maps.Add(name, map);
            _pendingMaps.Remove(name);
            Remote?.AddFold(name, map);
        }

        return behind;
    }

    /// <summary>Waits until the opened maps have read their queues.</summary>
    /// <param name="limit">How long to wait.</param>
    /// <returns>The maps that still read their queues.</returns>
    public async Task<string[]> WaitForMapsAsync(TimeSpan limit)
    {
        using CancellationTokenSource end = new(limit);
        foreach (MapRuntime map in _pendingMaps.Values)
        {
            await map.CaughtUp.WaitAsync(end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return [.. _pendingMaps.Values.Where(map => !map.CaughtUp.IsCompleted).Select(map => map.Plan.Name)];
    }

    /// <summary>Ends the subscriptions and group memberships of clients that the configuration does not permit any more.</summary>
    public Task EndForbiddenAsync() => Task.WhenAll(_queues.Values.Select(queue => queue.EndForbiddenAsync(_plan.Access)));

    /// <summary>Closes the opened queues and maps again, which no adapter uses any more. Their files stay. A queue that was
    /// open before stays open. Restores the schema files.</summary>
    /// <param name="queues">The names of the queues.</param>
    public async Task DiscardAsync(IReadOnlyCollection<string> queues)
    {
        await DisposeAllAsync(_pendingMaps.Values).ConfigureAwait(false);
        foreach (string name in _pendingMaps.Keys)
        {
            _pendingMaps.Remove(name);
        }

        await DisposeAllAsync(_pendingWitnesses.Values).ConfigureAwait(false);
        foreach (string name in queues)
        {
            _pendingWitnesses.Remove(name);
            if (_pendingQueues.Remove(name) is { } opened)
            {
                Sinks.Remove(name);
                opened.Dispose();
                _signatures.Remove(name);
            }
        }

        foreach (string partitioned in _pendingPartitioned)
        {
            _partitioned!.Remove(partitioned);
        }

        _pendingPartitioned.Clear();
        ReplacedFile[] schemas = [.. _pendingSchemas];
        _pendingSchemas.Clear();
        SchemaFiles.Restore(schemas);
    }

    /// <summary>Closes a queue that no part of the host uses any more. Ends the subscriptions of clients. The files stay.</summary>
    public async Task CloseQueueAsync(string name)
    {
        // The parts are still pending if an earlier reload has not shown them to clients.
        WitnessRuntime? witness = _witnesses.Remove(name) ?? _pendingWitnesses.Remove(name);
        QueueRuntime? queue = _queues.Remove(name) ?? _pendingQueues.Remove(name);
        Sinks.Remove(name);
        _signatures.Remove(name);

        // Waits for samples that found the queue before its removal.
        Gate.Drain();
        if (queue is not null)
        {
            await queue.EndUsersAsync().ConfigureAwait(false);
        }

        if (witness is not null)
        {
            using CancellationTokenSource limit = new(s_witnessLimit);
            await witness.StopAsync(limit.Token).ConfigureAwait(false);
            queue?.Gate.Close();
            await witness.DisposeAsync().ConfigureAwait(false);
        }

        queue?.Dispose();
    }

    /// <summary>Uses the schemas of the configuration for messages in responses.</summary>
    public void UseSchemas(bool hidesUnknown) => _json.Use(_plan.Schemas, hidesUnknown);

    /// <summary>Writes the schema files of the configuration for the command line, until <see cref="PublishAsync"/> or
    /// <see cref="DiscardAsync"/>.</summary>
    /// <exception cref="Core.EstreamStorageException">The files cannot be written. Call <see cref="DiscardAsync"/>.</exception>
    public void WriteSchemas() => SchemaFiles.Write(_plan.Data.Schemas, _plan.Schemas, _pendingSchemas);

    private void OpenPending(string name)
    {
        string directory = _plan.Data.Queue(name);
        _signatures.Add(_plan, name);
        try
        {
            _opening.Opening($"queue {name}", directory, () =>
            {
                _partitioned!.Check(name, directory);
                _pendingQueues.Add(name, OpenQueue(name, directory, _plan.Queues[name]));
            });
        }
        catch
        {
            _signatures.Remove(name);
            throw;
        }
    }
}
