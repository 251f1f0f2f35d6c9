using Estream.Host.Http;

namespace Estream.Host.Runtime;

/// <summary>Where the host is in its life and what it has open. Thread-safe; written by the lifecycle only.</summary>
internal sealed class HostState(FreeSpaceFloor floor)
{
    private volatile HostPhase _phase = HostPhase.Starting;
    private volatile HostComponents? _parts;

    public HostPhase Phase
    {
        get => _phase;
        set => _phase = value;
    }

    /// <summary>Null before storage is open and after it is closed.</summary>
    public HostComponents? Parts
    {
        get => _parts;
        set => _parts = value;
    }

    public HealthReport Report()
    {
        HostComponents? parts = _parts;
        AdapterHealth[] adapters = parts is null ? [] : [.. parts.Adapters.Select(a => a.Health)];
        return new HealthReport(Word(_phase, parts, adapters, floor.Reason), adapters)
        {
            Storage = floor.Reason,
            Quarantined = parts is { Quarantined.Count: > 0 } ? parts.Quarantined : null,
        };
    }

    private static string Word(HostPhase phase, HostComponents? parts, AdapterHealth[] adapters, string? storage) => phase switch
    {
        HostPhase.Starting => HealthStatusText.Starting,
        HostPhase.Stopping => HealthStatusText.Stopping,
        _ when storage is not null || adapters.Any(a => a.State != "healthy") || parts is null || parts.Quarantined.Count > 0
            || parts.Maps.Values.Any(m => m.Failure is not null)
            || parts.Pipelines.Any(p => p.Failure is not null)
            || parts.Circuits.Any(circuit => circuit.Failure is not null) || parts.Witnesses.Any(witness => witness.Failure is not null)
            || parts.Audit?.Failure is not null =>
                HealthStatusText.Degraded,
        _ => HealthStatusText.Ready,
    };
}

/// <summary>Where the host is in its life. Only ever goes forward.</summary>
internal enum HostPhase
{
    /// <summary>Storage is opened, folds catch up, adapters begin to listen.</summary>
    Starting,

    /// <summary>Everything runs.</summary>
    Running,

    /// <summary>Sockets are drained, then everything is closed.</summary>
    Stopping,
}
