using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;

namespace Estream.Wire;

/// <summary>The queues that the adapters of a process write to, and their dead-letter queue. One thread at a time adds queues; reads are
/// thread-safe.</summary>
/// <remarks>Disposing this object disposes the appenders, not the queues.</remarks>
public sealed class IngressSinks : IDisposable
{
    private volatile ImmutableSortedDictionary<string, IngressSink> _sinks =
        ImmutableSortedDictionary.Create<string, IngressSink>(StringComparer.Ordinal);

    private volatile ImmutableSortedDictionary<string, EstreamException> _unavailable =
        ImmutableSortedDictionary.Create<string, EstreamException>(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, bool> _found = new(StringComparer.Ordinal);
    private readonly IClock _clock;
    private readonly bool _isPart;

    /// <summary>Creates the appender of the dead-letter queue.</summary>
    /// <param name="deadLetters">The queue for messages of the schema estream.system.DeadLetter.</param>
    /// <param name="schemas">A set that contains this schema. Every set based on the built-in set does.</param>
    /// <exception cref="Core.EstreamLeaseException">Another process, or another object, appends to the queue.</exception>
    /// <param name="keys">The public keys for sealing private fields. Without the keys of their audiences, messages with private fields are
    /// refused. Default: none.</param>
    /// <exception cref="ArgumentException">The schema is missing.</exception>
    /// <param name="vault">The vault for tokens of cards. Without it, messages with tokenized fields are refused. The caller disposes it
    /// after this object. Default: none.</param>
    /// <param name="clock">The clock for retries after failed writes. Default: the system clock.</param>
    public IngressSinks(
        EstreamQueue deadLetters, EsfSchemaSet schemas, EsfAudienceKeys? keys = null, IEsfTokenVault? vault = null, IClock? clock = null)
    {
        _clock = clock ?? SystemClock.Instance;
        Vault = vault;
        Keys = keys ?? EsfAudienceKeys.None;
        Run = Random.Shared.NextInt64();
        DeadLetters = new DeadLetterSink(deadLetters, schemas, _clock);
    }

    private IngressSinks(IngressSinks whole, Func<string, bool> isTaken, IngressControl? control)
    {
        Control = control;
        (Vault, Keys, Run, DeadLetters, _clock, _isPart) = (whole.Vault, whole.Keys, whole.Run, whole.DeadLetters, whole._clock, true);
        ImmutableSortedDictionary<string, IngressSink> all = whole._sinks;
        _sinks = all.RemoveRange(all.Keys.Where(name => !isTaken(name)));
        _unavailable = whole._unavailable;
    }

    /// <summary>The pauses of the adapter that has this part of the queues; null if the adapter cannot be paused alone.</summary>
    internal IngressControl? Control { get; }

    /// <summary>The names of the queues that were found, in ordinal order.</summary>
    internal IEnumerable<string> Found => _found.Keys.Order(StringComparer.Ordinal);

    /// <summary>The public keys of the audiences of private fields.</summary>
    internal EsfAudienceKeys Keys { get; }

    /// <summary>The vault for tokens of cards.</summary>
    internal IEsfTokenVault? Vault { get; }

    /// <summary>A random number that identifies this object. A record with this number was written by this process, so no crash has
    /// happened since.</summary>
    internal long Run { get; }

    /// <summary>The sink for refused messages.</summary>
    public DeadLetterSink DeadLetters { get; }

    /// <summary>The names of the queues in ordinal order, including the queues that cannot be opened.</summary>
    public IEnumerable<string> Names => _sinks.Keys.Concat(_unavailable.Keys).Order(StringComparer.Ordinal);

    /// <summary>The sinks of all queues.</summary>
    public IEnumerable<IngressSink> All => _sinks.Values;

    /// <summary>Adds a queue and creates its appender.</summary>
    /// <param name="name">The name of the queue.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="signatures">The signatures that messages must have. Messages without a valid signature are refused, and stored as dead
    /// letters. Default: null, unsigned messages are accepted.</param>
    /// <exception cref="Core.EstreamLeaseException">Another process, or another object, appends to the queue.</exception>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public IngressSink Add(string name, EstreamQueue queue, SignatureRule? signatures = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (_sinks.ContainsKey(name))
        {
            throw new ArgumentException($"There is already a queue '{name}'.", nameof(name));
        }

        IngressSink sink = new(name, queue, _clock, signatures);
        _sinks = _sinks.Add(name, sink);
        return sink;
    }

    /// <summary>Adds the name of a queue that exists and cannot be opened.</summary>
    /// <param name="name">The name of the queue.</param>
    /// <param name="reason">The exception that <see cref="TryGet"/> throws.</param>
    public void AddUnavailable(string name, EstreamException reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(reason);
        _unavailable = _unavailable.Add(name, reason);
    }

    /// <summary>Removes a queue and disposes its appender. From then on, writers that still use the queue cannot append.</summary>
    internal void Remove(string name)
    {
        _unavailable = _unavailable.Remove(name);
        if (_sinks.TryGetValue(name, out IngressSink? sink))
        {
            _sinks = _sinks.Remove(name);
            sink.Control.Pause(PauseReason.Fenced, new EstreamStorageException(
                $"Queue '{name}' was removed from the configuration of the host.", sink.Newest.Queue.Directory, StorageFailure.NotFound));
            sink.Dispose();
        }
    }

    /// <summary>Changes the retention limits and the durability of a queue while writers use the queue.</summary>
    /// <param name="name">The name of the queue.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="limits">The options with the new limits and durability; other options are not used.</param>
    /// <exception cref="EstreamException">The queue cannot store the limits.</exception>
    internal void Adjust(string name, EstreamQueue queue, QueueOptions limits)
    {
        queue.Adjust(limits);
        if (_sinks.TryGetValue(name, out IngressSink? sink))
        {
            sink.Adjust();
        }
        else if (ReferenceEquals(DeadLetters.Newest.Queue, queue))
        {
            DeadLetters.Adjust();
        }
    }

    /// <summary>Finds the sink of a queue.</summary>
    /// <exception cref="EstreamException">The queue exists and cannot be opened; see <see cref="AddUnavailable"/>.</exception>
    public bool TryGet(string name, [NotNullWhen(true)] out IngressSink? sink)
    {
        if (_unavailable.TryGetValue(name, out EstreamException? reason))
        {
            throw reason;
        }

        if (!_sinks.TryGetValue(name, out sink))
        {
            return false;
        }

        _found.TryAdd(name, true);
        return true;
    }

    /// <summary>A subset of the queues, with the dead letters, for an adapter with restricted permissions. Disposing it disposes no
    /// appender.</summary>
    /// <param name="isTaken">Whether the subset contains the queue of this name.</param>
    public IngressSinks Only(Func<string, bool> isTaken)
    {
        ArgumentNullException.ThrowIfNull(isTaken);
        return new IngressSinks(this, isTaken, Control);
    }

    /// <summary>A subset as <see cref="Only"/> returns it, which the host can pause for one adapter. While the adapter is paused, writers
    /// store nothing, as if all queues were paused.</summary>
    /// <param name="isTaken">Whether the subset contains the queue of this name.</param>
    /// <param name="control">The pauses of the adapter.</param>
    internal IngressSinks For(Func<string, bool> isTaken, IngressControl control) => new(this, isTaken, control);

    /// <summary>
    /// Pauses queues, as if their disk were full: adapters stop reading and acknowledging. Call it with null to remove this pause. A queue
    /// accepts messages again when the host does not pause the queue for another reason. Thread-safe.
    /// </summary>
    /// <param name="reason">The reason, returned by <see cref="IngressSink.Failure"/>; null to resume.</param>
    /// <param name="isMeant">Whether to pause the queue of this name. The dead-letter queue is named like its directory.</param>
    public void Pause(EstreamStorageException? reason, Func<string, bool> isMeant)
    {
        ArgumentNullException.ThrowIfNull(isMeant);
        if (reason is null)
        {
            Resume(PauseReason.Operator, isMeant);
        }
        else
        {
            Pause(PauseReason.Operator, reason, isMeant);
        }
    }

    /// <summary>Pauses queues for one reason; see <see cref="IngressControl.Pause"/>.</summary>
    internal void Pause(PauseReason reason, EstreamStorageException failure, Func<string, bool> isMeant)
    {
        foreach (IngressControl control in ControlsOf(isMeant))
        {
            control.Pause(reason, failure);
        }
    }

    /// <summary>Removes one reason of queues; see <see cref="IngressControl.Resume"/>.</summary>
    internal void Resume(PauseReason reason, Func<string, bool> isMeant)
    {
        foreach (IngressControl control in ControlsOf(isMeant))
        {
            control.Resume(reason);
        }
    }

    /// <summary>Disposes all appenders. No writer may be in use.</summary>
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

    private IEnumerable<IngressControl> ControlsOf(Func<string, bool> isMeant)
    {
        IEnumerable<IngressControl> controls = _sinks.Values.Where(sink => isMeant(sink.Name)).Select(sink => sink.Control);
        return isMeant(DeadLetters.Name) ? controls.Append(DeadLetters.Control) : controls;
    }
}
