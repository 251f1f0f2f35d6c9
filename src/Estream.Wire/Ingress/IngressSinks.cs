using System.Diagnostics.CodeAnalysis;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;

namespace Estream.Wire;

/// <summary>The queues that adapters of one process write to, and their common dead-letter queue. Fill it at start; thread-safe
/// then.</summary>
/// <remarks>Disposing gives the queues' append rights back; the queues themselves belong to who opened them.</remarks>
public sealed class IngressSinks : IDisposable
{
    private readonly Dictionary<string, IngressSink> _sinks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EstreamException> _unavailable = new(StringComparer.Ordinal);
    private readonly IClock _clock;
    private readonly bool _isPart;

    /// <summary>Takes the append right of the dead-letter queue.</summary>
    /// <param name="deadLetters">The queue messages of schema estream.system.DeadLetter go to.</param>
    /// <param name="schemas">Holds that schema, as every set built on the built-in one does.</param>
    /// <exception cref="Core.EstreamLeaseException">Another process, or another object, appends to the queue.</exception>
    /// <param name="keys">The public keys of the audiences of private fields: messages that have some are sealed for them; none by default,
    /// and such messages are refused.</param>
    /// <exception cref="ArgumentException">The schema is missing.</exception>
    /// <param name="vault">Knows the tokens of cards; none by default, and messages with tokenized fields are refused. Stays the caller's
    /// to dispose, after this.</param>
    /// <param name="clock">Times the retries of a queue that cannot be written; the system's by default.</param>
    public IngressSinks(
        EstreamQueue deadLetters, EsfSchemaSet schemas, EsfAudienceKeys? keys = null, IEsfTokenVault? vault = null, IClock? clock = null)
    {
        _clock = clock ?? SystemClock.Instance;
        Vault = vault;
        Keys = keys ?? EsfAudienceKeys.None;
        Run = Random.Shared.NextInt64();
        DeadLetters = new DeadLetterSink(deadLetters, schemas, _clock);
    }

    private IngressSinks(IngressSinks whole, Func<string, bool> isTaken)
    {
        (Vault, Keys, Run, DeadLetters, _clock, _isPart) = (whole.Vault, whole.Keys, whole.Run, whole.DeadLetters, whole._clock, true);
        foreach ((string name, IngressSink sink) in whole._sinks.Where(entry => isTaken(entry.Key)))
        {
            _sinks.Add(name, sink);
        }

        foreach ((string name, EstreamException reason) in whole._unavailable)
        {
            _unavailable.Add(name, reason);
        }
    }

    /// <summary>The public keys of the audiences of private fields.</summary>
    internal EsfAudienceKeys Keys { get; }

    /// <summary>The tokens of cards.</summary>
    internal IEsfTokenVault? Vault { get; }

    /// <summary>A random number: the same for as long as these appenders are held, so no crash lies between two uses of it.</summary>
    internal long Run { get; }

    /// <summary>Where messages go that do not fit.</summary>
    public DeadLetterSink DeadLetters { get; }

    /// <summary>The names of the queues, in order, with those that cannot be opened.</summary>
    public IEnumerable<string> Names => _sinks.Keys.Concat(_unavailable.Keys).Order(StringComparer.Ordinal);

    /// <summary>All queues' sinks.</summary>
    public IEnumerable<IngressSink> All => _sinks.Values;

    /// <summary>Adds a queue and takes its append right.</summary>
    /// <exception cref="Core.EstreamLeaseException">Another process, or another object, appends to the queue.</exception>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public IngressSink Add(string name, EstreamQueue queue)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (_sinks.ContainsKey(name))
        {
            throw new ArgumentException($"There is already a queue '{name}'.", nameof(name));
        }

        IngressSink sink = new(name, queue, _clock);
        _sinks.Add(name, sink);
        return sink;
    }

    /// <summary>Names a queue that exists and cannot be opened.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="reason">What <see cref="TryGet"/> throws.</param>
    public void AddUnavailable(string name, EstreamException reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(reason);
        _unavailable.Add(name, reason);
    }

    /// <summary>Finds a queue's sink.</summary>
    /// <exception cref="EstreamException">The queue is there and cannot be opened; see <see cref="AddUnavailable"/>.</exception>
    public bool TryGet(string name, [NotNullWhen(true)] out IngressSink? sink)
    {
        if (_unavailable.TryGetValue(name, out EstreamException? reason))
        {
            throw reason;
        }

        return _sinks.TryGetValue(name, out sink);
    }

    /// <summary>Some of these queues, and the dead letters, for an adapter that may append to no others. Disposing what is returned gives
    /// no append right back.</summary>
    /// <param name="isTaken">Whether a queue of this name is among them.</param>
    public IngressSinks Only(Func<string, bool> isTaken)
    {
        ArgumentNullException.ThrowIfNull(isTaken);
        return new IngressSinks(this, isTaken);
    }

    /// <summary>
    /// Has queues take nothing more from adapters, as if their disk were full: adapters stop reading, and nothing is acknowledged that was
    /// not stored. Call it with null to end that. Thread-safe.
    /// </summary>
    /// <param name="reason">Why; what <see cref="IngressSink.Failure"/> says meanwhile.</param>
    /// <param name="isMeant">Whether a queue of this name is meant; the dead letters are asked for by the name of their directory.</param>
    public void Pause(EstreamStorageException? reason, Func<string, bool> isMeant)
    {
        ArgumentNullException.ThrowIfNull(isMeant);
        foreach (IngressSink sink in _sinks.Values.Where(sink => isMeant(sink.Name)))
        {
            sink.Pause(reason);
        }

        if (isMeant(DeadLetters.Name))
        {
            DeadLetters.Pause(reason);
        }
    }

    /// <summary>Gives all append rights back. No writer may be in use.</summary>
    public void Dispose()
    {
        if (_isPart)
        {
            return;
        }

        foreach (IngressSink sink in _sinks.Values)
        {
            sink.Dispose();
        }

        DeadLetters.Dispose();
    }
}
