using Estream.Circuits.Operations;
using Estream.Core;
using Estream.Crypto;
using Estream.Streams.Pipelines;

namespace Estream.Circuits;

/// <summary>Options of a <see cref="CircuitRuntime"/>.</summary>
/// <remarks>The delegates may throw: circuits, limits and kept usage are not affected.</remarks>
public sealed record CircuitRuntimeOptions
{
    /// <summary>Provides the queues and maps of circuits. The caller disposes it, after the runtime.</summary>
    public required IPipelineResources Resources { get; init; }

    /// <summary>Provides the queues and maps of operations in running circuits, for one operation at a time; null if no circuit with an
    /// operation runs. Returns the same <see cref="OperationMap"/> for a map each time.</summary>
    public Func<CircuitOperation, OperationResources>? Operations { get; init; }

    /// <summary>The limits of tenants, by tenant name. A tenant that is not listed has no limits.</summary>
    public IReadOnlyDictionary<string, TenantLimits> Tenants { get; init; } = new Dictionary<string, TenantLimits>();

    /// <summary>The keys of the approvers of circuits that require approvals.</summary>
    public IReadOnlyList<IVerifier> Approvers { get; init; } = [];

    /// <summary>The number of approvals that a circuit needs by its <see cref="Circuit.GovernanceCategory"/>; a category that is not listed
    /// needs none.</summary>
    public IReadOnlyDictionary<string, int> GovernanceApprovals { get; init; } = new Dictionary<string, int>();

    /// <summary>How often stored bytes are measured and service levels are checked: from 10 ms to one minute; one second by
    /// default.</summary>
    public TimeSpan SampleEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Returns the number of attestations of a queue, for <see cref="CircuitUsage.Proofs"/>; null if queues are not witnessed. If
    /// the delegate throws, <see cref="UsageFailed"/> is called and the missed attestations are counted later. The delegate is called while
    /// the runtime holds locks, so it must neither call the runtime nor wait for code that calls the runtime.</summary>
    public Func<string, long>? AttestationsOf { get; init; }

    /// <summary>
    /// The directory in which usage is kept across restarts and crashes, for one runtime at a time; null, the default, to start at 0 with
    /// each runtime. Usage is written every <see cref="SampleEvery"/> and when the runtime is disposed, so a crash loses the usage since
    /// the last write.
    /// </summary>
    public string? UsageDirectory { get; init; }

    /// <summary>Called with the reason when usage could not be flushed or measured, once for each change of the reason. The runtime
    /// retries. After a failed flush, a crash of the process loses no usage, but a power cut can. Called on the thread that measures
    /// usage.</summary>
    public Action<string>? UsageFailed { get; init; }

    /// <summary>Called with the circuit, the name of the output or timer, and the reason when an output or timer cannot make progress, once
    /// for each change of the reason. The runtime retries. Called on the threads of circuits.</summary>
    public Action<RunningCircuit, string, string>? Failed { get; init; }

    /// <summary>Called when a circuit breaks a promise of its service level, and when the circuit keeps the promise again. Called on the
    /// thread that checks service levels. An exception it throws is reported to <see cref="Failed"/>.</summary>
    public Action<RunningCircuit, ServiceLevelState>? Alerted { get; init; }

    /// <summary>How closely the streams of circuits are observed until <see cref="StreamObservation.Observe"/> requests another level for a
    /// stream.</summary>
    public StreamObservationOptions Observation { get; init; } = new();

    /// <summary>The clock for timers, budgets and retention; the system clock by default.</summary>
    public IClock Clock { get; init; } = SystemClock.Instance;

    /// <summary>The storage of the usage file; tests replace it.</summary>
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
