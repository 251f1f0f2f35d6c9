using Estream.Core;
using Estream.Crypto;
using Estream.Queue;
using Estream.Witness.Internal;

namespace Estream.Witness;

/// <summary>
/// Attests the content of a queue without slowing down its appenders. Reads messages in order and hashes them into a Merkle tree. Appends
/// an attestation of the tree to another queue whenever a limit of count or time is reached. After a crash at any point the witness
/// resumes: no message is skipped, and none is attested twice.
/// </summary>
/// <remarks>
/// Not thread-safe, but any thread may read the counters. A witness queue has a single witness; opening a second one fails. Allocates
/// nothing per message, and a few arrays per attestation. The tree is stored only in the attestations, and is never trusted: it is restored
/// from the last attestation and must yield the signed root. The state of a map (<see cref="WitnessOptions.IsChangeFeed"/>) is not stored
/// at all: it is computed from the messages, and must also yield the signed root.
/// </remarks>
public sealed class QueueWitness : IDisposable
{
    /// <summary>The suffix that is appended to a queue's directory to name the directory of its witness queue. Hosts use this suffix, and
    /// the command line looks for the witness queue in this directory.</summary>
    public const string DirectoryEnding = ".witness";

    // The maximum number of messages, and of bytes, that are read between two clock checks. The last message may exceed the bytes.
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
        _tree = new MerkleTreeBuilder(last?.Resume() ?? new MerkleFrontier(), options.LeafHasher);
        _mark = _tree.Frontier.Mark();
        _state = state;
        (_attested, _read) = (_tree.Size, _tree.Size);
    }

    /// <summary>The number of messages attested so far, over the lifetime of the queue.</summary>
    public long Attested => Volatile.Read(ref _attested);

    /// <summary>The number of messages read so far: the attested messages, and the messages that the next attestation will
    /// cover.</summary>
    public long Read => Volatile.Read(ref _read);

    /// <summary>The last attestation; <see langword="null"/> before the first.</summary>
    public Attestation? Last => Volatile.Read(ref _last);

    /// <summary>Whether <see cref="WitnessOptions.LeafHasher"/> returned a wrong hash. The processor has hashed all leaves since
    /// then.</summary>
    public bool HasLeafHasherFailed => _tree.HasHasherFailed;

    /// <summary>The tree in memory.</summary>
    internal MerkleTreeBuilder Tree => _tree;

    /// <summary>Resumes attesting a queue, or starts with its oldest message if there are no attestations.</summary>
    /// <param name="queue">The queue. The caller disposes it after the witness.</param>
    /// <param name="witness">The queue to which attestations are appended. It contains only <see cref="WitnessEntry"/> messages. The caller
    /// disposes it after the witness.</param>
    /// <param name="key">A key of ML-DSA-87. The caller disposes it after the witness.</param>
    /// <param name="options">The options; defaults when omitted.</param>
    /// <exception cref="ArgumentException">An option is out of range, the key has another algorithm, or the entries do not fit into the
    /// segments of the witness queue.</exception>
    /// <exception cref="InvalidOperationException">A queue was opened read-only.</exception>
    /// <exception cref="EstreamLeaseException">Another witness, or any other appender, appends to the witness queue; or the tailer's name
    /// is in use.</exception>
    /// <exception cref="EstreamWitnessException">The existing attestations contradict each other or the queue; see
    /// <see cref="EstreamWitnessException.Fault"/>.</exception>
    /// <exception cref="EstreamStorageException">The queue has deleted messages that are not attested.</exception>
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
                $"Entries of up to {options.MaxMessages} messages take up to {WitnessEntry.MaxBytes(options.MaxMessages)} bytes; the "
                + $"witness queue '{witness.Directory}' accepts messages of at most "
                + $"{witness.MaxMessageBytes - EntryReserve}. Lower MaxMessages, or create the witness queue with larger "
                + "SegmentBytes.", nameof(options));
        }

        // Acquired first, so that no other writer appends entries while they are read below.
        QueueAppender appender = witness.CreateAppender(AppenderMode.Exclusive);
        QueueTailer? tailer = null;
        try
        {
            var log = new WitnessLog(queue, witness, [key.Verifier, .. options.EarlierKeys]);
            WitnessEntry? last = log.CheckLast(options.Recheck);
            StateFold? state = options.IsChangeFeed ? log.ReadState(last) : null;

            // The tailer's stored position only holds back retention. The attestations determine where to resume.
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
        "Nothing more is attested. Restore the missing data from a copy; or keep both queues as evidence, and start with a new witness "
        + "queue and another TailerName.";

    // The space that the tailer's progress takes in addition to an entry.
    private const int EntryReserve = 512;

    /// <summary>Reads all available messages and attests them, even if no attestation is due.</summary>
    /// <returns>The number of messages read.</returns>
    /// <inheritdoc cref="Step" path="/exception"/>
    public long RunToEnd()
    {
        long count = 0;
        BringLastToDevice(CancellationToken.None);

        // The tree is full if an earlier attempt to attest failed.
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

    /// <summary>Reads messages as they arrive and attests them when due, until cancelled. The thread sleeps while there is nothing to
    /// do.</summary>
    /// <param name="cancellationToken">Ends the loop. Messages that are not attested by then are read again after the next open.</param>
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
            // Cancelled while waiting.
        }
    }

    /// <summary>Reads some messages, if available, and attests if due. For callers with their own loop; otherwise use
    /// <see cref="Run"/>.</summary>
    /// <returns>The number of messages read; 0 if there were none.</returns>
    /// <exception cref="EstreamWitnessException">The tree does not extend the last attested one (<see cref="WitnessFault.Inconsistent"/>):
    /// memory was damaged. Nothing was signed.</exception>
    /// <exception cref="EstreamCorruptionException">A message of the queue is damaged; the exception names file and offset. The messages
    /// before it are attested.</exception>
    /// <exception cref="EstreamStorageException">
    /// The attestation needs space and the disk is full, or a flush failed for a transient reason: retry; nothing is attested twice. Or,
    /// with <see cref="WitnessOptions.IsDurable"/>, a device failed (<see cref="StorageFailure.Device"/>): a retry helps only after both
    /// queues were closed and opened again.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The witness or the key was disposed.</exception>
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

    /// <summary>Releases the queues. Messages that are not attested are read again after the next open. Idempotent.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _tailer.Dispose();
            _appender.Dispose();
        }
    }

    // If a message cannot be read, the messages before it are still attested.
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

    // With MaxDelay zero, an attestation is due at the end of the queue, not at every clock check.
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

        // Commits the attestation and the tailer's progress atomically.
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
            // A flush can fail only after the commit, when the entry exists. A second entry for the same messages would not follow it.
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

    // Makes the last attestation durable before the next one, even if its flush failed.
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

        // The counts differ only if an error, such as a lack of memory, came between updating the state and updating the tree.
        if (_state.Messages != _tree.Size)
        {
            throw new EstreamWitnessException(
                $"The state covers {_state.Messages} messages of queue '{_queue.Directory}', but the tree covers {_tree.Size}. Nothing "
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
                $"The tree of {_tree.Size} messages of queue '{_queue.Directory}' does not extend the {_attested} attested messages. "
                + "Nothing was signed. Open the witness again.",
                _queue.Directory, WitnessFault.Inconsistent);
        }
    }
}
