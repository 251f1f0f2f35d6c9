using Estream.Core;
using Estream.Crypto;
using Estream.Queue;
using Estream.Witness.Internal;

namespace Estream.Witness;

/// <summary>
/// Attests what a queue holds, off the way of those who append to it: reads its messages in their order, hashes them into a Merkle tree,
/// and appends attestations of the tree to another queue, bounded by count and time. After a kill at any moment it goes on where it was:
/// nothing is left out, and nothing is attested twice.
/// </summary>
/// <remarks>
/// One thread at a time; the counters may be read from any. One witness for a witness queue: a second one is refused. Allocates nothing for
/// a message, a few arrays for an attestation. The tree is never stored apart from the attestations and never trusted: it is taken from the
/// last one, and has to give the root that was signed. The state of a map
/// (<see cref="WitnessOptions.IsChangeFeed"/>) is not stored at all: it follows from the messages, and has to give the root that was signed
/// too.
/// </remarks>
public sealed class QueueWitness : IDisposable
{
    /// <summary>What the directory of a witness queue is called behind that of its queue, where the command line looks for it and a host
    /// has it.</summary>
    public const string DirectoryEnding = ".witness";

    // So many messages, or bytes of them and one more message, are read between two looks at the clock.
    private const int MessagesPerLook = 4_096;
    private const int BytesPerLook = 1 << 20;

    private readonly EstreamQueue _queue;
    private readonly EstreamQueue _witness;
    private readonly QueueAppender _appender;
    private readonly QueueTailer _tailer;
    private readonly MerkleTreeBuilder _tree;
    private readonly ConsistencyMark _mark;
    private readonly StateFold? _state;
    private readonly ISigner _key;
    private readonly WitnessOptions _options;
    private readonly byte[] _proof = new byte[MerkleProof.MaxBytes];
    private Attestation? _last;
    private long _attested;
    private long _read;
    private long _firstSequence;
    private long _firstPosition;
    private long _lastPosition;
    private long _lastSequence;
    private long _since;
    private long _entryPosition = -1;
    private bool _isAtEnd;
    private bool _isDisposed;

    private QueueWitness(EstreamQueue queue, EstreamQueue witness, QueueAppender appender, QueueTailer tailer, WitnessEntry? last,
        StateFold? state, ISigner key, WitnessOptions options)
    {
        _queue = queue;
        _witness = witness;
        _appender = appender;
        _tailer = tailer;
        _key = key;
        _options = options;
        _last = last?.Attestation;
        _firstSequence = last?.Attestation.Head.FirstSequence ?? 0;
        _tree = new MerkleTreeBuilder(last?.Resume() ?? new MerkleFrontier());
        _mark = _tree.Frontier.Mark();
        _state = state;
        (_attested, _read) = (_tree.Size, _tree.Size);
    }

    /// <summary>Messages attested so far, in the queue's whole life.</summary>
    public long Attested => Volatile.Read(ref _attested);

    /// <summary>Messages read so far: those attested, and those of the next attestation.</summary>
    public long Read => Volatile.Read(ref _read);

    /// <summary>The last attestation; <see langword="null"/> before the first.</summary>
    public Attestation? Last => Volatile.Read(ref _last);

    /// <summary>The tree as it is in memory.</summary>
    internal MerkleTreeBuilder Tree => _tree;

    /// <summary>Goes on attesting a queue, or begins with the oldest message it has.</summary>
    /// <param name="queue">The queue. Stays the caller's to dispose, after the witness.</param>
    /// <param name="witness">Where attestations are appended; its messages are a <see cref="WitnessEntry"/> each, and nothing else. Stays
    /// the caller's too.</param>
    /// <param name="key">A key of ML-DSA-87; stays the caller's too.</param>
    /// <param name="options">How; the defaults when omitted.</param>
    /// <exception cref="ArgumentException">An option is out of range, the key is of another algorithm, or the entries do not fit in the
    /// segments of the witness queue.</exception>
    /// <exception cref="InvalidOperationException">A queue was opened read-only.</exception>
    /// <exception cref="EstreamLeaseException">Another witness, or anybody else, appends to the witness queue; or the tailer's name is in
    /// use.</exception>
    /// <exception cref="EstreamWitnessException">The attestations there are do not fit together or to the queue; its
    /// <see cref="EstreamWitnessException.Fault"/> says how.</exception>
    /// <exception cref="EstreamStorageException">The queue has given up messages that are not attested.</exception>
    /// <exception cref="EstreamCorruptionException">A queue is damaged.</exception>
    public static QueueWitness Open(EstreamQueue queue, EstreamQueue witness, ISigner key, WitnessOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentNullException.ThrowIfNull(witness);
        ArgumentNullException.ThrowIfNull(key);
        options ??= new WitnessOptions();
        options.Validate();
        Attestation.RequireRight(key);
        if (WitnessEntry.MaxBytes(options.MaxMessages) > witness.MaxMessageBytes - EntryReserve)
        {
            throw new ArgumentException(
                $"Attestations of {options.MaxMessages} messages take up to {WitnessEntry.MaxBytes(options.MaxMessages)} bytes; the "
                + $"witness queue '{witness.Directory}' takes "
                + $"{witness.MaxMessageBytes - EntryReserve}. Lower MaxMessages, or create it with larger SegmentBytes.", nameof(options));
        }

        // Taken first: nobody else adds to the entries that are read now.
        QueueAppender appender = witness.CreateAppender(AppenderMode.Exclusive);
        QueueTailer? tailer = null;
        try
        {
            var log = new WitnessLog(queue, witness, [key.Verifier, .. options.EarlierKeys]);
            WitnessEntry? last = log.CheckLast(options.Recheck);
            StateFold? state = options.IsChangeFeed ? log.ReadState(last) : null;

            // What the tailer remembers keeps messages from being given up; where to go on is what was attested.
            tailer = queue.CreateTailer(options.TailerName, witness);
            log.BringBehind(tailer, last);
            return new QueueWitness(queue, witness, appender, tailer, last, state, key, options);
        }
        catch (Exception error)
        {
            tailer?.Dispose();
            appender.Dispose();
            if (error is EstreamWitnessException refused)
            {
                throw new EstreamWitnessException($"{refused.Message} {WhatToDo}", refused.Path, refused.Fault, refused);
            }

            throw;
        }
    }

    private const string WhatToDo =
        "Nothing more is attested. Restore what is missing from a copy; or keep both queues as the evidence they are, and begin with a "
        + "new witness queue and another TailerName.";

    // What the progress of the tailer takes beside an entry.
    private const int EntryReserve = 512;

    /// <summary>Takes all messages that are there, and attests them, due or not.</summary>
    /// <returns>How many there were.</returns>
    /// <inheritdoc cref="Step" path="/exception"/>
    public long RunToEnd()
    {
        long count = 0;
        BringLastToDevice(CancellationToken.None);

        // It is full where attesting was refused before.
        AttestIfFull();
        while (Pump(CancellationToken.None) is > 0 and int some)
        {
            count += some;
            AttestIfFull();
        }

        if (_tree.Size > _attested)
        {
            Attest(CancellationToken.None);
        }

        return count;
    }

    /// <summary>Takes messages, those that are there and those to come, and attests them when it is due, until it is cancelled. The thread
    /// sleeps while there is nothing to do.</summary>
    /// <param name="cancellationToken">Ends it. What is not attested then comes again.</param>
    /// <inheritdoc cref="Step" path="/exception"/>
    public void Run(CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                if (Advance(cancellationToken) == 0 && !IsDue())
                {
                    _ = _tailer.WaitToRead(UntilDue(), cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It was asleep.
        }
    }

    /// <summary>Takes some messages, if there are any, and attests if it is due. For who has a loop of their own; else use
    /// <see cref="Run"/>.</summary>
    /// <returns>How many; 0 when there was none.</returns>
    /// <exception cref="EstreamWitnessException">The tree does not begin with the one attested last
    /// (<see cref="WitnessFault.Inconsistent"/>): memory was damaged. Nothing was signed.</exception>
    /// <exception cref="EstreamCorruptionException">What is there is not a message of the queue; file and offset are named. What was read
    /// before it is attested.</exception>
    /// <exception cref="EstreamStorageException">
    /// The attestation needs space and the disk is full, or a flush was refused for a reason that passes: try again, nothing is attested
    /// twice. Or, with <see cref="WitnessOptions.IsDurable"/>, a device failed (<see cref="StorageFailure.Device"/>): trying again does not
    /// help before both queues were closed and opened anew.
    /// </exception>
    /// <exception cref="ObjectDisposedException">It is disposed, or the key is.</exception>
    public int Step() => Advance(CancellationToken.None);

    private int Advance(CancellationToken cancellation)
    {
        BringLastToDevice(cancellation);
        int count = Pump(cancellation);
        if (_tree.Size > _attested && (_tree.Size - _attested >= _options.MaxMessages || IsDue()))
        {
            Attest(cancellation);
        }

        return count;
    }

    /// <summary>Gives the queues back. What is not attested comes again. Idempotent.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _tailer.Dispose();
            _appender.Dispose();
        }
    }

    // What cannot be read keeps what was read before it from nothing.
    private int Pump(CancellationToken cancellation)
    {
        try
        {
            return ReadSome();
        }
        catch (EstreamException) when (_tree.Size > _attested)
        {
            Attest(cancellation);
            throw;
        }
    }

    private int ReadSome()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        int most = (int)Math.Min(MessagesPerLook, _options.MaxMessages - (_tree.Size - _attested));
        int count = 0;
        long bytes = 0;
        bool isThere = true;
        while (count < most && bytes < BytesPerLook && (isThere = _tailer.TryRead(out QueueMessage message)))
        {
            if (_tree.Size == _attested)
            {
                (_firstPosition, _since) = (message.Position, _options.Clock.MonotonicNanos);
                _firstSequence = _attested == 0 ? message.Sequence : _firstSequence;
            }

            _state?.Apply(message.Payload);
            MessageLeaf.Append(_tree, message);
            (_lastPosition, _lastSequence) = (message.Position, message.Sequence);
            bytes += message.Payload.Length;
            count++;
        }

        _isAtEnd = !isThere;
        Volatile.Write(ref _read, _tree.Size);
        return count;
    }

    // Without a delay it is due when no more is there, and not at every look at the clock.
    private bool IsDue() =>
        _tree.Size > _attested
        && (_options.MaxDelay == TimeSpan.Zero
            ? _isAtEnd : _options.Clock.MonotonicNanos - _since >= _options.MaxDelay.Ticks * TimeSpan.NanosecondsPerTick);

    private TimeSpan UntilDue()
    {
        if (_tree.Size == _attested)
        {
            return Timeout.InfiniteTimeSpan;
        }

        long left = (_options.MaxDelay.Ticks * TimeSpan.NanosecondsPerTick) - (_options.Clock.MonotonicNanos - _since);
        return TimeSpan.FromTicks(Math.Max(0, left / TimeSpan.NanosecondsPerTick) + 1);
    }

    private void AttestIfFull()
    {
        if (_tree.Size - _attested >= _options.MaxMessages)
        {
            Attest(CancellationToken.None);
        }
    }

    private void Attest(CancellationToken cancellation)
    {
        if (_options.IsDurable)
        {
            _queue.WaitDurable(_lastPosition, cancellation);
        }

        Span<byte> root = stackalloc byte[MerkleTree.HashBytes];
        _tree.GetRoot(root);
        RequireConsistent(root);
        var head = new TreeHead(OriginKind.Queue, _queue.Id, _firstSequence, _tree.Size, _lastSequence, _lastPosition,
            _options.Clock.UtcNanos);
        Span<byte> state = stackalloc byte[_state is null ? 0 : MerkleTree.HashBytes];
        GetState(state);
        Attestation attestation = Attestation.Sign(head, root, state, _key);
        WitnessEntry entry = WitnessEntry.Create(attestation, _attested, _firstPosition, _tree);

        // The attestation and how far the queue has been read are seen together or not at all.
        using BatchClaim batch = _appender.ClaimBatch(entry.Encoded.Length, 1, _tailer);
        batch.Append(entry.Encoded);
        long number = _appender.NextSequence;
        _entryPosition = batch.Position;
        try
        {
            batch.Commit(_options.IsDurable ? Durability.Every : Durability.PageCache);
        }
        finally
        {
            // A flush that fails comes behind the commit: the entry is there, and one that is made again would not follow it.
            if (_appender.NextSequence != number)
            {
                TakeIn(attestation);
            }
        }
    }

    private void TakeIn(Attestation attestation)
    {
        _tree.ForgetBlocks();
        _mark.Set(_tree.Frontier);
        Volatile.Write(ref _last, attestation);
        Volatile.Write(ref _attested, attestation.Head.TreeSize);
    }

    // What was attested last is on the device before anything more is attested, also where its flush failed.
    private void BringLastToDevice(CancellationToken cancellation)
    {
        if (_options.IsDurable && _entryPosition >= 0)
        {
            _witness.WaitDurable(_entryPosition, cancellation);
        }
    }

    private void GetState(Span<byte> root)
    {
        if (_state is null)
        {
            return;
        }

        // Unless an error came in between, as for want of memory.
        if (_state.Messages != _tree.Size)
        {
            throw new EstreamWitnessException(
                $"The state is that after {_state.Messages} messages of queue '{_queue.Directory}', the tree one of {_tree.Size}. Nothing "
                + "was signed. Open the witness again.", _queue.Directory, WitnessFault.Inconsistent);
        }

        _state.GetRoot(root);
    }

    private void RequireConsistent(ReadOnlySpan<byte> root)
    {
        if (_last is null)
        {
            return;
        }

        int length = _mark.Prove(_tree.Frontier, _proof);
        if (!MerkleProof.VerifyConsistency(_attested, _tree.Size, _last.Root, root, _proof.AsSpan(0, length)))
        {
            throw new EstreamWitnessException(
                $"The tree of {_tree.Size} messages of queue '{_queue.Directory}' does not begin with the {_attested} that were attested. "
                + "Nothing was signed. Open the witness again.",
                _queue.Directory, WitnessFault.Inconsistent);
        }
    }
}
