using Estream.Core;
using Estream.Crypto;
using Estream.Streams.Pipelines;

namespace Estream.Circuits;

/// <summary>With what circuits are run.</summary>
/// <remarks>Its functions may throw: circuits, their limits and what is kept of their usage go on.</remarks>
public sealed record CircuitRuntimeOptions
{
    /// <summary>Where circuits find their queues and maps. Stays the caller's to dispose, after the runtime.</summary>
    public required IPipelineResources Resources { get; init; }

    /// <summary>What the circuits of a tenant may use, by the name of the tenant; one that is not here has no limits.</summary>
    public IReadOnlyDictionary<string, TenantLimits> Tenants { get; init; } = new Dictionary<string, TenantLimits>();

    /// <summary>Who may approve of circuits that ask for approvals: their keys.</summary>
    public IReadOnlyList<IVerifier> Approvers { get; init; } = [];

    /// <summary>How often it is looked how much circuits hold and whether they keep their promises, from 10 ms to a minute; a second by
    /// default.</summary>
    public TimeSpan SampleEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Tells how many attestations a queue has, for <see cref="CircuitUsage.Proofs"/>; omitted where queues are not witnessed.
    /// Where it throws, <see cref="UsageFailed"/> is told, and what has come meanwhile is counted later. It is asked under locks of the
    /// runtime, so it must not call the runtime, nor wait for who does.</summary>
    public Func<string, long>? AttestationsOf { get; init; }

    /// <summary>
    /// The directory in which it is kept what circuits have used, through restarts and kills, for one runtime at a time; null, as by
    /// default, where usage begins at 0 with each runtime. What is used is written each <see cref="SampleEvery"/> and at the end, so a kill
    /// costs what was used in between.
    /// </summary>
    public string? UsageDirectory { get; init; }

    /// <summary>Is told why usage did not reach the device, or could not be looked at, once for each reason in turn; it is tried again by
    /// itself. A kill does not lose it even then, only a power cut. Called on the thread that looks at circuits.</summary>
    public Action<string>? UsageFailed { get; init; }

    /// <summary>Is told the circuit, the output or the timer, and the reason, where one stands still, once for each reason in turn; it is
    /// tried again by itself. Called on the threads of circuits.</summary>
    public Action<RunningCircuit, string, string>? Failed { get; init; }

    /// <summary>Is told where a circuit does not do what its service level promises, once, and when it does again. Called while circuits
    /// are looked at. What it throws is told to <see cref="Failed"/>.</summary>
    public Action<RunningCircuit, ServiceLevelState>? Alerted { get; init; }

    /// <summary>How closely the streams of circuits are looked at, until something else is asked of one
    /// (<see cref="StreamObservation.Observe"/>).</summary>
    public StreamObservationOptions Observation { get; init; } = new();

    /// <summary>What timers, budgets and retention are measured by; the machine's clock by default.</summary>
    public IClock Clock { get; init; } = SystemClock.Instance;

    /// <summary>Where usage is kept; tests put others here.</summary>
    internal IStorage Storage { get; init; } = FileStorage.Instance;

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Resources);
        if (SampleEvery < TimeSpan.FromMilliseconds(10) || SampleEvery > TimeSpan.FromMinutes(1))
        {
            throw new ArgumentException($"SampleEvery is {SampleEvery}; it must be from 10 ms to a minute.");
        }

        if (UsageDirectory is { Length: 0 })
        {
            throw new ArgumentException("UsageDirectory is empty; it must be the path of a directory, or null for none.");
        }

        ArgumentNullException.ThrowIfNull(Observation);
        Observation.Validate();
        foreach ((string tenant, TenantLimits limits) in Tenants)
        {
            limits.Validate(tenant);
        }
    }
}
