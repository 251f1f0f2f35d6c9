using Estream.Circuits;
using Estream.Core;
using Estream.Fpga;
using Estream.Host.Remote;
using Estream.Streams.Pipelines;

namespace Estream.Host.Runtime;

/// <content>The order of the parts.</content>
internal sealed partial class HostComponents
{
    private IEnumerable<HostPart> PartsOf(IClock clock, ILoggerFactory loggers, bool isTakeover) =>
    [
        .. StorageParts(clock, loggers),
        new HostPart("replication")
        {
            Open = Now(() => OpenReplication(clock, loggers)),
            Start = StartReplicationAsync,
            Stop = async _ => await StopReplicationAsync().ConfigureAwait(false),
            Close = async () => await StopReplicationAsync().ConfigureAwait(false),
        },
        new HostPart("checks") { Start = StartChecksAsync, Close = StopChecksAsync },
        .. DerivedParts(clock, loggers),
        .. FlowParts(clock, loggers),
        new HostPart("adapters")
        {
            Open = () => OpenAdaptersAsync(clock, loggers, isTakeover),
            Start = StartAdaptersAsync,
            Stop = StopAdaptersAsync,
            Close = () => _adapters?.DisposeAsync() ?? ValueTask.CompletedTask,
        },
    ];

    private IEnumerable<HostPart> StorageParts(IClock clock, ILoggerFactory loggers) =>
    [
        new HostPart("vault") { Open = Now(OpenVault), Close = Closing(() => _vault?.Dispose()) },
        new HostPart("cards")
        {
            Open = Now(() => _cards = _plan.Cards.Count == 0
                ? null
                : new FpgaTarget(new FpgaTargetOptions { Cards = [.. _plan.Cards], Clock = clock })),
            Close = Closing(() => _cards?.Dispose()),
        },
        new HostPart("queues")
        {
            Open = Now(() =>
            {
                long before = SystemClock.Instance.UtcNanos;
                OpenQueues();
                RecoveredQueues.Tell(loggers.CreateLogger("Estream.Host.Storage"), _queues.Values, before);
            }),
            Close = Closing(CloseQueues),
        },

        // After the queues, which refuse a second host on the same data; closed after the reads.
        HistoryPart(),
        AlertPart(TimeProvider.System),
    ];

    private IEnumerable<HostPart> DerivedParts(IClock clock, ILoggerFactory loggers) =>
    [
        new HostPart("witnesses")
        {
            Open = Now(() => OpenWitnesses(clock, loggers)),
            Start = Starting(() =>
            {
                foreach (WitnessRuntime witness in _witnesses.Values)
                {
                    witness.Start();
                }
            }),
            Stop = stop => Finished(_witnesses.Values.Select(witness => witness.StopAsync(stop.Drain))),
            Close = () => DisposeAllAsync(_witnesses.Values.Concat(_pendingWitnesses.Values)),
        },
        new HostPart("audit")
        {
            Open = Now(() => Audit = _plan.IsAudited ? AuditRuntime.Open(_plan.Data, _json, Gate, clock, loggers) : null),
            Start = Starting(() => Audit?.Start()),
            Stop = stop => Finished([Audit?.StopAsync(stop.Drain) ?? Task.CompletedTask]),
            Close = () => Audit?.DisposeAsync() ?? ValueTask.CompletedTask,
        },
        new HostPart("maps")
        {
            Open = Now(() => OpenMaps(clock)),
            Start = StartMapsAsync,
            Stop = StopMapsAsync,
            Close = () => DisposeAllAsync(_maps.Values.Concat(_pendingMaps.Values)),
        },
        new HostPart("remote clients")
        {
            Open = Now(() =>
            {
                Remote = _plan.ServesClients
                    ? RemoteParts.Open(_plan, _sinks!, _json, _queues, _partitioned!, _maps, _quarantine, clock, loggers)
                    : null;
                ShowClientMaps(clock);
            }),
            Close = Closing(() => Remote?.Dispose()),
        },

        // Closed after the reads, because the console reads the maps of pipelines.
        new HostPart("outputs") { Close = Closing(() => _resources?.Dispose()) },
        new HostPart("reads") { Close = Closing(Gate.Close) },
    ];

    private IEnumerable<HostPart> FlowParts(IClock clock, ILoggerFactory loggers) =>
    [
        new HostPart("pipelines")
        {
            Open = Now(() => OpenPipelines(loggers)),
            Start = Starting(() => _pipelines.ForEach(pipeline => pipeline.Start())),
            Stop = _ => Finished(_pipelines.Select(pipeline => pipeline.StopAsync())),
            Close = () => DisposeAllAsync(_pipelines),
        },
        new HostPart("circuits")
        {
            Open = Now(() => OpenCircuits(clock, loggers)),
            Start = Starting(() =>
            {
                foreach (RunningCircuit circuit in Circuits)
                {
                    circuit.Start();
                }
            }),
            Stop = _ => Finished([_circuits?.StopAsync() ?? Task.CompletedTask]),
            Close = CloseCircuitsAsync,
        },
        new HostPart("replicas")
        {
            Open = Now(() => OpenReplicas(clock)),
            Start = Starting(() => _replicas.Start(_circuits!, clock)),
            Close = _replicas.DisposeAsync,
        },
        new HostPart("multicast")
        {
            Open = Now(() => OpenMulticast(clock, loggers)),
            Start = Starting(() => _multicast.ForEach(multicast => multicast.Start())),
            Stop = _ => Finished(_multicast.Select(multicast => multicast.StopAsync())),
            Close = () => DisposeAllAsync(_multicast),
        },
    ];

    private Task StartReplicationAsync(CancellationToken cancellation)
    {
        _replication = _replication.InsertRange(0, Remote?.Replicated ?? []);
        foreach (ReplicationRuntime one in _replication)
        {
            one.Start(Sinks, _control?.Lost);
        }

        return Task.CompletedTask;
    }

    private async Task<bool> StopReplicationAsync()
    {
        await Task.WhenAll(_replication.Select(one => one.DisposeAsync().AsTask())).ConfigureAwait(false);
        return true;
    }

    // The checks run once a second, whether or not a console or a monitor reads the state.
    private Task StartChecksAsync(CancellationToken cancellation)
    {
        if (_control is { } control)
        {
            PeriodicCheck Check(string name, Action check) => new(name, _ => check(), control.Time, _logger);
            _checks =
            [
                control.Floor.Start(Sinks),
                Check("blocked queues", () => StorageLog.Observe(IsStorageFailing)),
                .. control.Lease is { } lease ? new[] { Check("the lease", lease.Check) } : [],
                .. _plan.Replication is null ? [] : new[] { Check("replication", SampleReplication) },
                Check("trusted keys", _signatures.Look),
            ];
        }

        return Task.CompletedTask;
    }

    private async ValueTask StopChecksAsync()
    {
        foreach (PeriodicCheck check in Interlocked.Exchange(ref _checks, []))
        {
            await check.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void SampleReplication()
    {
        List<Exception> failures = [];
        foreach (ReplicationRuntime one in _replication)
        {
            try
            {
                one.Sample();
            }
            catch (Exception failure)
            {
                failures.Add(failure);
            }
        }

        if (failures.Count > 0)
        {
            throw new AggregateException(failures);
        }
    }

    private async Task StartMapsAsync(CancellationToken cancellation)
    {
        foreach (MapRuntime map in _maps.Values)
        {
            map.Start();
        }

        foreach (MapRuntime map in _maps.Values)
        {
            await map.CaughtUp.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    private async Task<bool> StopMapsAsync(HostStop stop)
    {
        bool isFinished = true;
        foreach (MapRuntime map in _maps.Values)
        {
            await map.StopAsync(stop.Host).ConfigureAwait(false);
            if (!map.HasArrived)
            {
                isFinished = false;
                LogBehind(_logger, map.Plan.Name, map.Plan.Queue, map.Failure ?? "timeout");
            }
        }

        return isFinished;
    }

    private async Task OpenAdaptersAsync(IClock clock, ILoggerFactory loggers, bool isTakeover)
    {
        OrphanedReaders.Warn(loggers.CreateLogger("Estream.Host.Storage"), _plan, _queues.Values);

        // Write the schema files only after storage is open: a second host on the same data has failed by then, and so cannot overwrite
        // the schema files of the running host.
        SchemaFiles.Write(_plan.Data.Schemas, _plan.Schemas);
        _adapters = new AdapterSet(_plan, Sinks, (queue, user) => Require(queue, user).Queue, LatestOf, StorageLog, clock, loggers)
        {
            Audit = Audit, IsTakeover = isTakeover,
            ReplicateState = (directory, queue) => ReplicateJournal(directory, queue, loggers.CreateLogger("Estream.Replication")),
        };
        await _adapters.CreateAllAsync(_quarantine).ConfigureAwait(false);
    }

    private async Task StartAdaptersAsync(CancellationToken cancellation)
    {
        foreach (AdapterRuntime adapter in Adapters)
        {
            if (_control?.Lease is { IsLost: true })
            {
                return;   // another host may be active since this host opened its parts
            }

            await adapter.StartAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Stops the adapters. If the host is lost, also disposes them.</summary>
    /// <returns>Whether all adapters have drained.</returns>
    public async Task<bool> StopAdaptersAsync(HostStop stop)
    {
        await Task.WhenAll(Adapters.Select(adapter => adapter.StopAsync(stop.Drain))).ConfigureAwait(false);
        bool isFinished = true;
        foreach (AdapterRuntime adapter in Adapters.Where(adapter => !adapter.IsDrained))
        {
            isFinished = false;
            LogCutOff(_logger, adapter.Name);
        }

        if (stop.IsLost)
        {
            // The end of the publishers ends the waits of adapters for confirmations, which the brokers do not give any more.
            await StopReplicationAsync().ConfigureAwait(false);
            await AdapterSet.DisposeAsync().ConfigureAwait(false);
        }

        return isFinished;
    }

    private async ValueTask CloseCircuitsAsync()
    {
        if (_circuits is { } circuits)
        {
            await circuits.DisposeAsync().ConfigureAwait(false);
        }

        _operationMaps.Close();
        _operations?.Dispose();
    }

    private void CloseQueues()
    {
        _sinks?.Dispose();
        _partitioned?.Dispose();
        foreach (QueueRuntime queue in _queues.Values.Concat(_pendingQueues.Values))
        {
            queue.Dispose();
        }
    }

    private static Func<Task> Now(Action open) => () =>
    {
        open();
        return Task.CompletedTask;
    };

    private static Func<CancellationToken, Task> Starting(Action start) => _ =>
    {
        start();
        return Task.CompletedTask;
    };

    private static Func<ValueTask> Closing(Action close) => () =>
    {
        close();
        return ValueTask.CompletedTask;
    };

    private static async Task<bool> Finished(IEnumerable<Task> stops)
    {
        await Task.WhenAll(stops).ConfigureAwait(false);
        return true;
    }

    private static async ValueTask DisposeAllAsync(IEnumerable<IAsyncDisposable> parts)
    {
        foreach (IAsyncDisposable part in parts)
        {
            await part.DisposeAsync().ConfigureAwait(false);
        }
    }

    [LoggerMessage(EventId = 6, Level = LogLevel.Warning,
        Message = "Adapter {Adapter} did not drain in time and is aborted; senders must resend unacknowledged messages.")]
    private static partial void LogCutOff(ILogger logger, string adapter);

    [LoggerMessage(EventId = 7, Level = LogLevel.Warning,
        Message = "Map {Map} has not reached the end of queue {Queue} ({Reason}); it catches up at the next start.")]
    private static partial void LogBehind(ILogger logger, string map, string queue, string reason);
}

/// <summary>What watches a running host.</summary>
/// <param name="Floor">Watches the free space.</param>
/// <param name="Lost">Gets the reason when another host has taken over; null to keep the host running.</param>
/// <param name="Lease">Watches the lease of this host; null if this host is always active.</param>
/// <param name="Time">The clock of the checks.</param>
internal sealed record HostControl(FreeSpaceFloor Floor, Action<string>? Lost, LeaseGuard? Lease, TimeProvider Time);
