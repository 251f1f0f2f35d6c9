namespace Estream.Host.Runtime;

/// <content>Changes of the parts while the host runs. One thread at a time calls these methods.</content>
internal sealed partial class HostComponents
{
    // Only adapters reach these queues and witnesses, until the change is complete.
    private readonly PartTable<QueueRuntime> _pendingQueues = new();
    private readonly PartTable<WitnessRuntime> _pendingWitnesses = new();
    private string[] _pendingPartitioned = [];

    /// <summary>Opens queues of the configuration, with their witnesses. Clients and the console do not see the queues yet.</summary>
    /// <exception cref="Exception">A queue cannot be opened. Call <see cref="DiscardQueuesAsync"/>.</exception>
    public void OpenQueues(IReadOnlyCollection<string> names)
    {
        _pendingPartitioned = [.. names.Select(name => _plan.Data.PartitionOf(name)?.Queue).OfType<string>().Distinct()];
        foreach (string partitioned in _pendingPartitioned)
        {
            _partitioned!.Add(partitioned);
        }

        foreach (string name in names)
        {
            string directory = _plan.Data.Queue(name);
            _signatures.Add(_plan, name);
            _opening.Opening($"queue {name}", directory, () =>
            {
                _partitioned!.Check(name, directory);
                _pendingQueues.Add(name, OpenQueue(name, directory, _plan.Queues[name]));
            });
        }

        Remote?.Add([.. _pendingQueues.Values], [.. Sinks.All.Where(sink => _pendingQueues.ContainsKey(sink.Name))]);
        foreach (WitnessPlan witness in _plan.Witnesses.Values.Where(witness => _pendingQueues.ContainsKey(witness.Queue)))
        {
            Check(witness);
            _pendingWitnesses.Add(witness.Queue, OpenWitness(witness, _pendingQueues[witness.Queue].Queue, _clock, _loggers));
        }
    }

    /// <summary>Shows the opened queues to clients and the console, and starts their witnesses.</summary>
    public void PublishQueues()
    {
        OrphanedReaders.Warn(_loggers.CreateLogger("Estream.Host.Storage"), _plan, _pendingQueues.Values);
        foreach (QueueRuntime queue in _pendingQueues.Values)
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
    }

    /// <summary>Closes the opened queues again, which no adapter uses any more. Their files stay.</summary>
    public async Task DiscardQueuesAsync(IReadOnlyCollection<string> names)
    {
        await DisposeAllAsync(_pendingWitnesses.Values).ConfigureAwait(false);
        foreach (string name in names)
        {
            _pendingWitnesses.Remove(name);
            Sinks.Remove(name);
            _pendingQueues.Remove(name)?.Dispose();
            _signatures.Remove(name);
        }

        foreach (string partitioned in _pendingPartitioned)
        {
            _partitioned!.Remove(partitioned);
        }
    }

    /// <summary>Uses the schemas of the configuration for messages in responses.</summary>
    public void UseSchemas(bool hidesUnknown) => _json.Use(_plan.Schemas, hidesUnknown);

    /// <summary>Writes the schema files of the configuration for the command line.</summary>
    /// <exception cref="Core.EstreamStorageException">The files cannot be written.</exception>
    public void WriteSchemas() => SchemaFiles.Write(_plan.Data.Schemas, _plan.Schemas);
}
