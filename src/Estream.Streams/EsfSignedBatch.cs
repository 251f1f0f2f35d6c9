using System.Runtime.ExceptionServices;
using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Internal;

namespace Estream.Streams;

/// <summary>
/// Appends many signed messages, for callers that need more signatures per second than one processor computes. <see cref="Add"/> starts
/// the signature of a message on the threads of a pool; <see cref="AppendAsync"/> waits for all signatures and appends the messages in
/// the order in which they were added. Reusable. Allocates per message only what <see cref="SignerPool"/> documents.
/// </summary>
/// <typeparam name="TWriter">The generated writer.</typeparam>
/// <remarks>Not thread-safe: use it on one thread at a time, like its appender. The messages become visible one after another, not all at
/// once.</remarks>
public sealed class EsfSignedBatch<TWriter>
    where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
{
    private readonly QueueAppender _appender;
    private readonly SignerPool _pool;
    private readonly SealingSpace? _space;
    private readonly byte[][] _buffers;
    private readonly int[] _lengths;
    private readonly ValueTask<EsfStatus>[] _signatures;
    private int _signed;

    /// <summary>Creates a batch.</summary>
    /// <param name="appender">The queue appender. The caller still disposes it.</param>
    /// <param name="pool">A pool with an ML-DSA-87 private key. The caller disposes it after the batch is appended.</param>
    /// <param name="sealer">Seals the private fields of the schema, as for <see cref="EsfAppender{TWriter}"/>.</param>
    /// <param name="maxMessages">The maximum number of messages, 1 to <see cref="SignerPool.Capacity"/> of the pool.</param>
    /// <exception cref="ArgumentException">The schema has private fields and <paramref name="sealer"/> is null or belongs to another
    /// schema, or the number is out of range.</exception>
    /// <exception cref="InvalidOperationException">The schema has a sub-lex, or declares a pattern whose messages cannot be appended
    /// directly.</exception>
    public EsfSignedBatch(QueueAppender appender, SignerPool pool, EsfSealer? sealer = null, int maxMessages = 64)
    {
        ArgumentNullException.ThrowIfNull(appender);
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxMessages, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxMessages, pool.Capacity);
        SchemaDeclarations.RequirePlain(TWriter.Schema);
        SignedMessage.RequireWhole(TWriter.Schema);
        (_appender, _pool) = (appender, pool);
        _space = SealingSpace.For<TWriter>(sealer);
        _buffers = [.. Enumerable.Repeat<byte[]>([], maxMessages)];
        _lengths = new int[maxMessages];
        _signatures = new ValueTask<EsfStatus>[maxMessages];
    }

    /// <summary>The number of messages added and not appended yet.</summary>
    public int Count { get; private set; }

    /// <summary>The maximum number of messages.</summary>
    public int Capacity => _buffers.Length;

    /// <summary>Adds a message and starts its signature. The signature field is added if it is not set.</summary>
    /// <param name="writer">A writer of the message, begun in a buffer of the caller, with every required field set except the signature.
    /// The message is copied.</param>
    /// <exception cref="ArgumentException">A required field is not set, the schema does not have exactly one public <c>pq_signature</c>
    /// field outside objects, or the key has another algorithm. The message was not added.</exception>
    /// <exception cref="InvalidOperationException">The batch is full.</exception>
    /// <exception cref="ObjectDisposedException">The pool is disposed.</exception>
    public void Add(scoped in TWriter writer)
    {
        if (Count == Capacity)
        {
            throw new InvalidOperationException($"The batch already has {Capacity} messages. Call AppendAsync before the next Add.");
        }

        int length = SignedMessage.Compose(writer, _space, ref _buffers[Count]);
        ValueTask<EsfStatus> signature = EsfSignature.SignAsync(TWriter.Schema, _buffers[Count].AsMemory(0, length), _pool);

        // AppendAsync reports a signature that has failed already.
        if (signature.IsCompletedSuccessfully)
        {
            EsfStatus status = signature.GetAwaiter().GetResult();
            SignedMessage.Require(status, TWriter.Schema);
            signature = new ValueTask<EsfStatus>(status);
        }

        (_lengths[Count], _signatures[Count]) = (length, signature);
        Count++;
    }

    /// <summary>Waits for all signatures and appends the messages in order. If a signature fails, no message is appended and the batch is
    /// empty. If the queue cannot be written, the messages that were not appended stay in the batch: call this method again.</summary>
    /// <returns>The position of the last message; -1 if there were no messages.</returns>
    /// <exception cref="ArgumentException">A message does not fit in the queue. The message stays in the batch; see
    /// <see cref="ClearAsync"/>.</exception>
    /// <exception cref="InvalidOperationException">A claim of the appender is open.</exception>
    /// <exception cref="ObjectDisposedException">The appender or the key is disposed.</exception>
    /// <exception cref="EstreamStorageException">A new segment was needed and could not be created (disk full). Try again
    /// later.</exception>
    public async ValueTask<long> AppendAsync()
    {
        await WaitForSignaturesAsync().ConfigureAwait(false);
        long position = -1;
        int appended = 0;
        try
        {
            while (appended < Count)
            {
                position = _appender.Append(_buffers[appended].AsSpan(0, _lengths[appended]));
                appended++;
            }
        }
        finally
        {
            Remove(appended);
        }

        return position;
    }

    /// <summary>Waits for the started signatures, and discards all messages.</summary>
    public async ValueTask ClearAsync()
    {
        try
        {
            await WaitForSignaturesAsync().ConfigureAwait(false);
        }
        finally
        {
            Remove(Count);
        }
    }

    private async ValueTask WaitForSignaturesAsync()
    {
        Exception? failure = null;
        for (; _signed < Count; _signed++)
        {
            try
            {
                _ = await _signatures[_signed].ConfigureAwait(false);
            }
            catch (Exception failed)
            {
                // Every started signature must be awaited before the buffers are used again.
                failure ??= failed;
            }
        }

        if (failure is not null)
        {
            Remove(Count);
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    // Keeps the buffers of removed messages for later messages.
    private void Remove(int count)
    {
        for (int i = count; i < Count; i++)
        {
            (_buffers[i - count], _buffers[i]) = (_buffers[i], _buffers[i - count]);
            _lengths[i - count] = _lengths[i];
        }

        Count -= count;
        _signed = Count;
    }
}
