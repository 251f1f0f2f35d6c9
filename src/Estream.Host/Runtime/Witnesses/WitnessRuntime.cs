using Estream.Core;
using Estream.Crypto;
using Estream.Host.Http;
using Estream.Queue;
using Estream.Witness;

namespace Estream.Host.Runtime;

/// <summary>
/// The witness of a queue on its thread. What passes, as a full disk does, is tried again until it goes on. What contradicts the
/// attestations there are ends the witness and nothing else: messages are still taken, none that is not attested is given up, and it is
/// told until somebody has looked and the host is started anew.
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

    /// <summary>Makes proofs, also where nothing more is attested.</summary>
    public IWitnessView View { get; }

    /// <summary>Why nothing is attested; null when it goes on.</summary>
    public string? Failure => _failure;

    /// <summary>Messages attested, in the queue's whole life.</summary>
    public long Attested => _witness?.Attested ?? 0;

    /// <summary>How many attestations there are.</summary>
    public long Attestations => _attestations.GetInfo().NextSequence;

    /// <summary>The last attestation; null before the first, and where the witness was refused.</summary>
    public Attestation? Last => _witness?.Last;

    /// <summary>Opens the attestations of a queue.</summary>
    /// <param name="plan">Which, and how.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="directory">The directory of the attestations.</param>
    /// <param name="viewOf">Makes what looks at the attestations, by the keys that are trusted.</param>
    /// <param name="clock">The host's.</param>
    /// <param name="logger">Where it tells.</param>
    /// <param name="options">How the queue of the attestations is opened; the defaults where omitted.</param>
    /// <exception cref="EstreamException">The key or the queue of attestations cannot be opened, or another process attests.</exception>
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

    /// <summary>Ends it, and attests what is there, as far as there is time: what is not comes with the next start.</summary>
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
                // Whether it goes on again, before it sleeps for want of messages.
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
