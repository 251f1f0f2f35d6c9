using Estream.Core;
using Estream.Crypto;
using Estream.Host.Http;
using Estream.Queue;
using Estream.Wire;
using Estream.Witness;

namespace Estream.Host.Runtime;

/// <summary>
/// The audit queue of a host with its witness, whose key is created in the data folder at the first start. An action that cannot be
/// recorded is logged but not blocked, so an administrator can free a full disk. Thread-safe.
/// </summary>
internal sealed partial class AuditRuntime : IAsyncDisposable
{
    public const string Host = "the host";

    private readonly EstreamQueue _queue;
    private readonly AuditLog _log;
    private readonly QueueRuntime _runtime;
    private readonly WitnessRuntime _witness;
    private readonly ILogger _logger;

    private AuditRuntime(EstreamQueue queue, QueueRuntime runtime, WitnessRuntime witness, IClock clock, ILogger logger)
    {
        _queue = queue;
        _log = new AuditLog(queue, clock);
        _runtime = runtime;
        _witness = witness;
        _logger = logger;
    }

    /// <summary>The newest actions.</summary>
    public IQueueView View => _runtime.View;

    /// <summary>Why actions are not attested; null if they are.</summary>
    public string? Failure => _witness.Failure;

    /// <summary>Opens the queue; creates the queue and its key if they do not exist.</summary>
    /// <exception cref="EstreamException">The queue or the key cannot be opened or created.</exception>
    public static AuditRuntime Open(DataLayout data, MessageJson json, ReadGate gate, IClock clock, ILoggerFactory loggers)
    {
        EstreamQueue queue = EstreamQueue.Open(AuditLog.DirectoryIn(data.Root), AuditLog.Options with { Clock = clock });
        try
        {
            WitnessPlan plan = new(AuditLog.QueueName, KeyIn(data), new WitnessOptions());
            WitnessRuntime witness = WitnessRuntime.Open(plan, queue, data.Queue(plan.Attestations),
                (attestations, keys) => new WitnessView(plan.Queue, queue, attestations, keys, json, gate), clock,
                loggers.CreateLogger("Estream.Witness.audit"), AuditLog.Options with { RetainedAge = default });
            return new AuditRuntime(queue, new QueueRuntime(plan.Queue, queue, json, gate), witness, clock,
                loggers.CreateLogger("Estream.Host.Audit"));
        }
        catch
        {
            queue.Dispose();
            throw;
        }
    }

    public void Start()
    {
        _witness.Start();
        Record(new AuditRecord(Host, "host started", AuditOutcome.Done) { Detail = $"version {HostVersion.Text}" });
    }

    /// <summary>Appends an action.</summary>
    public void Record(AuditRecord record)
    {
        try
        {
            _log.Append(record);
        }
        catch (EstreamException failure)
        {
            LogNotRecorded(_logger, record.Actor, record.Action, record.Target, failure.Message);
        }
    }

    /// <summary>Records the stop of the host, and attests remaining actions within the time limit.</summary>
    public async Task StopAsync(CancellationToken limit)
    {
        Record(new AuditRecord(Host, "host stopped", AuditOutcome.Done));
        await _witness.StopAsync(limit).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _witness.DisposeAsync().ConfigureAwait(false);
        _log.Dispose();
        _runtime.Dispose();
    }

    private static string KeyIn(DataLayout data)
    {
        string path = Path.Combine(data.Root, "audit.key");
        if (!File.Exists(path))
        {
            using MlDsa87PrivateKey key = MlDsa87PrivateKey.Generate();
            key.Save(path);
            key.PublicKey.Save(path + ".pub");
        }

        return path;
    }

    [LoggerMessage(EventId = 74, Level = LogLevel.Error,
        Message = "An administrative action could not be recorded in sys/audit: {Actor}: {Action} {Target}. {Reason}")]
    private static partial void LogNotRecorded(ILogger logger, string actor, string action, string target, string reason);
}
