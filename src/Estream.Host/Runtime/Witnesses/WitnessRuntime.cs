using Estream.Core;
using Estream.Crypto;
using Estream.Host.Http;
using Estream.Queue;
using Estream.Witness;

namespace Estream.Host.Runtime;

/// <summary>
/// The witness of a queue on its own thread. Temporary failures, such as a full disk, are retried. A queue that contradicts its
/// attestations stops the witness, but nothing else: messages are still accepted, unattested messages are not deleted, and the failure is
/// reported until the host is restarted.
/// </summary>
internal sealed partial class WitnessRuntime : IAsyncDisposable
{
    private static readonly TimeSpan s_retryAfter = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly EstreamQueue _attestations;
    private readonly MlDsa87PrivateKey _key;
    private readonly QueueWitness? _witness;
    private readonly ILogger _logger;
    private Task _run = Task.CompletedTask;
    private volatile string? _failure;

    private WitnessRuntime(WitnessPlan plan, EstreamQueue queue, EstreamQueue attestations, MlDsa87PrivateKey key, IWitnessView view,
        IClock clock, ILogger logger)
    {
        (Plan, _attestations, _key, View, _logger) = (plan, attestations, key, view, logger);
        try
        {
            _witness = QueueWitness.Open(queue, attestations, key, plan.Options with { Clock = clock });
        }
        catch (Exception refused) when (refused is EstreamWitnessException or EstreamCorruptionException)
        {
            Tell(refused);
        }
    }

    public WitnessPlan Plan { get; }

    /// <summary>Creates proofs, even if the witness has stopped.</summary>
    public IWitnessView View { get; }

    /// <summary>Why nothing is attested; null while the witness runs.</summary>
    public string? Failure => _failure;

    /// <summary>The fault of the card that hashed the messages; null if there was none.</summary>
    public string? CardFault => _witness?.HasLeafHasherFailed == true
        ? $"The card {Plan.Card} computed a wrong hash. The processor hashes all messages until the next start. Check the card."
        : null;

    /// <summary>The number of messages ever attested.</summary>
    public long Attested => _witness?.Attested ?? 0;

    /// <summary>The number of attestations.</summary>
    public long Attestations => _attestations.GetInfo().NextSequence;

    /// <summary>The last attestation; null before the first attestation, and if the witness could not be opened.</summary>
    public Attestation? Last => _witness?.Last;

    /// <summary>Opens the attestations of a queue.</summary>
    /// <param name="plan">The configuration.</param>
    /// <param name="queue">The witnessed queue.</param>
    /// <param name="directory">The directory of the attestations.</param>
    /// <param name="viewOf">Creates the view of the attestations for the trusted keys.</param>
    /// <param name="clock">The clock of the host.</param>
    /// <param name="logger">The logger.</param>
    /// <param name="options">The options of the attestation queue; default options if omitted.</param>
    /// <exception cref="EstreamException">The key or the attestation queue cannot be opened, or another process attests the
    /// queue.</exception>
    /// <exception cref="ArgumentException">The key is of another algorithm, or an option is out of range.</exception>
    public static WitnessRuntime Open(
        WitnessPlan plan, EstreamQueue queue, string directory, Func<EstreamQueue, IReadOnlyList<IVerifier>, IWitnessView> viewOf,
        IClock clock, ILogger logger, QueueOptions? options = null)
    {
        MlDsa87PrivateKey? key = null;
        EstreamQueue? attestations = null;
        try
        {
            key = MlDsa87.Import(plan.KeyFile);
            attestations = EstreamQueue.Open(directory, options);
            return new WitnessRuntime(plan, queue, attestations, key, viewOf(attestations, [key.PublicKey, .. plan.Options.EarlierKeys]),
                clock, logger);
        }
        catch
        {
            attestations?.Dispose();
            key?.Dispose();
            throw;
        }
    }

    public void Start()
    {
        if (_witness is { } witness)
        {
            _run = Task.Factory.StartNew(() => Run(witness), CancellationToken.None, TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
        }
    }

    /// <summary>Stops the witness, and attests remaining messages within the time limit; the rest is attested after the next
    /// start.</summary>
    public async Task StopAsync(CancellationToken limit)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_witness is { } witness && _failure is null)
        {
            await Task.Run(() => AttestRest(witness, limit), CancellationToken.None).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
        _witness?.Dispose();
        _attestations.Dispose();
        _key.Dispose();
        _stop.Dispose();
    }

    private void Run(QueueWitness witness)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                // Run one step first: if it succeeds, clear the failure before Run waits for messages.
                _ = witness.Step();
                _failure = null;
                witness.Run(_stop.Token);
            }
            catch (EstreamWitnessException contradicted)
            {
                Tell(contradicted);
                return;
            }
            catch (EstreamException failed)
            {
                Tell(failed);
                _ = _stop.Token.WaitHandle.WaitOne(s_retryAfter);
            }
        }
    }

    private void AttestRest(QueueWitness witness, CancellationToken limit)
    {
        try
        {
            while (!limit.IsCancellationRequested && witness.Step() > 0)
            {
            }

            if (!limit.IsCancellationRequested)
            {
                _ = witness.RunToEnd();
            }
        }
        catch (EstreamException failed)
        {
            Tell(failed);
        }
    }

    private void Tell(Exception failed)
    {
        if (_failure != failed.Message)
        {
            LogFailure(_logger, Plan.Queue, failed.Message);
        }

        _failure = failed.Message;
    }

    [LoggerMessage(EventId = 71, Level = LogLevel.Error, Message = "Queue {Queue} is not attested: {Reason}")]
    private static partial void LogFailure(ILogger logger, string queue, string reason);
}
