using Estream.Core;
using Estream.Host.Http;

namespace Estream.Host.Runtime;

/// <summary>The phase of the host and its open parts. Thread-safe; written only by <see cref="HostLifecycle"/>.</summary>
internal sealed class HostState(FreeSpaceFloor floor)
{
    private volatile HostPhase _phase = HostPhase.Starting;
    private volatile HostComponents? _parts;
    private volatile ReplicationStandby? _standby;
    private volatile EstreamException? _failure;

    public HostPhase Phase
    {
        get => _phase;
        set => _phase = value;
    }

    /// <summary>The open parts; null before storage is opened and after it is closed.</summary>
    public HostComponents? Parts
    {
        get => _parts;
        set => _parts = value;
    }

    /// <summary>The lease and the copies of a host with the role auto; null for a host that is always active.</summary>
    public ReplicationStandby? Standby
    {
        get => _standby;
        set => _standby = value;
    }

    /// <summary>The error that ends the process; null if nothing failed.</summary>
    public EstreamException? Failure
    {
        get => _failure;
        set => _failure = value;
    }

    /// <summary>The replicated queues and maps.</summary>
    public IReadOnlyList<ReplicationOverview> Replication =>
        _parts is { } parts ? [.. parts.Replication.Select(queue => queue.Overview)] : _standby?.Overviews ?? [];

    public HealthReport Report()
    {
        HostComponents? parts = _parts;
        AdapterHealth[] adapters = parts is null ? [] : [.. parts.Adapters.Select(a => a.Health)];
        MapHealth[] maps = [.. parts?.Remote?.CrashedMaps ?? []];
        return new HealthReport(Word(_phase, parts, adapters, maps, floor.Reason), adapters)
        {
            Maps = maps.Length > 0 ? maps : null,
            Storage = floor.Reason,
            Alerts = parts?.Alerts?.Active is { Count: > 0 } active
                ? [.. active.Select(alert => new AlertHealth(alert.Name, alert.State, alert.Severity, alert.Detail))]
                : null,
            AlertWebhook = parts?.Alerts?.WebhookFailure,
            Audit = parts?.Audit?.Failure,
            Multicast = parts is { Multicast.Count: > 0 }
                ? [.. parts.Multicast.Select(multicast => MulticastHealth.Of(multicast.Overview))]
                : null,
            Replicas = parts?.Replicas.Overviews is { Count: > 0 } replicas ? [.. replicas.Select(ReplicaHealth.Of)] : null,
            Replication = Replication is { Count: > 0 } queues ? [.. queues.Select(ReplicationHealth.Of)] : null,
            Diverged = _standby?.Diverged is { Count: > 0 } diverged ? diverged : null,
            Quarantined = parts is { Quarantined.Count: > 0 } ? parts.Quarantined : null,
            Retention = parts is not null && parts.Queues.Values.Any(IsPaused)
                ? [.. parts.Queues.Values.Where(IsPaused).Select(q => new RetentionHealth(q.Name, q.Queue.RetentionPause?.Reason ?? ""))]
                : null,
        };
    }

    // A wait that ends by itself needs no person.
    private static bool IsPaused(QueueRuntime queue) => queue.Queue.RetentionPause is { EndsIn: null };

    private static string Word(
        HostPhase phase, HostComponents? parts, AdapterHealth[] adapters, MapHealth[] maps, string? storage) => phase switch
    {
        HostPhase.Standby => HealthStatusText.Standby,
        HostPhase.Starting => HealthStatusText.Starting,
        HostPhase.Stopping => HealthStatusText.Stopping,
        _ when storage is not null || maps.Length > 0
            || adapters.Any(a => a.State != "healthy") || parts is null || parts.Quarantined.Count > 0
            || parts.Maps.Values.Any(m => m.Failure is not null)
            || parts.Pipelines.Any(p => p.Failure is not null)
            || parts.Circuits.Any(circuit => circuit.Failure is not null)
            || parts.Witnesses.Values.Any(witness => witness.Failure is not null)
            || parts.Replicas.IsFailing || parts.Multicast.Any(multicast => multicast.Failure is not null)
            || parts.Replication.Any(queue => queue.Failure is not null)
            || parts.Audit?.Failure is not null || parts.Queues.Values.Any(IsPaused) =>
                HealthStatusText.Degraded,
        _ => HealthStatusText.Ready,
    };
}

/// <summary>The phase of the host. It only advances.</summary>
internal enum HostPhase
{
    /// <summary>Another host is active, and this host follows its queues.</summary>
    Standby,

    /// <summary>Storage is opened, maps catch up, adapters start to listen.</summary>
    Starting,

    /// <summary>All parts are running.</summary>
    Running,

    /// <summary>Sockets are drained, then everything is closed.</summary>
    Stopping,
}
