using System.Collections.Concurrent;
using Estream.Crypto.Internal;

namespace Estream.Crypto;

/// <summary>Signs on its own threads, several signatures at a time, for callers that need more signatures than one processor makes. A
/// caller can request the next signature before the previous signature is done.</summary>
/// <remarks>
/// Thread-safe. Throughput grows with the number of threads as long as each has a processor. Requests are started in order, but may
/// complete in any order. A request reuses the state object of an earlier request that has been awaited. It allocates only if no state
/// object is free, or if it has to wait for capacity. Awaiting an incomplete request allocates the work item that the thread pool needs
/// for the continuation. The caller owns the key and disposes it after the pool.
/// </remarks>
public sealed class SignerPool : IDisposable
{
    /// <summary>The maximum number of threads of a pool.</summary>
    public const int MaxThreads = 1_024;

    /// <summary>The maximum number of pending signatures of a pool.</summary>
    public const int MaxCapacity = 1 << 20;

    private readonly Lock _gate = new();
    private readonly ConcurrentQueue<SigningJob> _asked = new();
    private readonly ConcurrentQueue<SigningJob> _unused = new();
    private readonly SemaphoreSlim _room;
    private readonly SemaphoreSlim _work = new(0);
    private readonly ISigner _key;
    private readonly Thread[] _threads;
    private bool _isDisposed;

    /// <summary>Creates the pool and starts its threads.</summary>
    /// <param name="key">The signer; thread-safe, like every <see cref="ISigner"/>.</param>
    /// <param name="threads">The number of threads, from 1 to <see cref="MaxThreads"/>. Default: the number of processors.</param>
    /// <param name="capacity">The maximum number of pending signatures, from 1 to <see cref="MaxCapacity"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public SignerPool(ISigner key, int? threads = null, int capacity = 1_024)
    {
        ArgumentNullException.ThrowIfNull(key);
        int count = threads ?? Math.Min(Environment.ProcessorCount, MaxThreads);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1, nameof(threads));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxThreads, nameof(threads));
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, MaxCapacity);
        _key = key;
        Capacity = capacity;
        _room = new SemaphoreSlim(capacity, capacity);
        _threads = [.. Enumerable.Range(0, count)
            .Select(number => new Thread(Run) { IsBackground = true, Name = $"estream-signer-{number}" })];
        Array.ForEach(_threads, thread => thread.Start());
    }

    /// <summary>The maximum number of pending signatures: requested but not done.</summary>
    public int Capacity { get; }

    /// <summary>The number of signing threads.</summary>
    public int Threads => _threads.Length;

    /// <summary>The algorithm's name in the standard, such as <c>ML-DSA-87</c>.</summary>
    public string Algorithm => _key.Algorithm;

    /// <summary>Size of every signature, in bytes.</summary>
    public int SignatureSize => _key.SignatureSize;

    /// <summary>Requests a signature. Waits while <see cref="Capacity"/> signatures are pending.</summary>
    /// <param name="data">The data to sign. Must not change until the signature is done.</param>
    /// <param name="context">The context of the signature. Must not change until the signature is done.</param>
    /// <param name="signature">Receives the signature: exactly <see cref="SignatureSize"/> bytes. Must not be used until the signature is
    /// done.</param>
    /// <param name="cancellation">Cancels the wait for capacity. A request that was accepted is not cancelled.</param>
    /// <returns>A task that completes when the signature is done, or fails with the exception of <see cref="ISigner.Sign"/>. Await it once
    /// only, like every <see cref="ValueTask"/>.</returns>
    /// <exception cref="ArgumentException">The signature span has the wrong length.</exception>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled while it waited for capacity.</exception>
    public ValueTask SignAsync(ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> context, Memory<byte> signature,
        CancellationToken cancellation = default)
    {
        KeyCheck.Argument(signature.Length, SignatureSize, nameof(signature));
        return TryAsk(data, context, signature, out ValueTask done)
            ? done
            : AskWhenThereIsRoomAsync(data, context, signature, cancellation);
    }

    /// <summary>Requests a signature if fewer than <see cref="Capacity"/> are pending.</summary>
    /// <param name="data">The data to sign. Must not change until the signature is done.</param>
    /// <param name="context">The context of the signature. Must not change until the signature is done.</param>
    /// <param name="signature">Receives the signature: exactly <see cref="SignatureSize"/> bytes. Must not be used until the signature is
    /// done.</param>
    /// <param name="done">The task of the signature, as returned by <see cref="SignAsync"/>.</param>
    /// <returns>True if the request was accepted; false if the pool was at capacity and nothing will be signed.</returns>
    /// <exception cref="ArgumentException">The signature span has the wrong length.</exception>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    public bool TrySign(ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> context, Memory<byte> signature, out ValueTask done)
    {
        KeyCheck.Argument(signature.Length, SignatureSize, nameof(signature));
        return TryAsk(data, context, signature, out done);
    }

    /// <summary>Completes all pending signatures, then ends the threads. Idempotent.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
        }

        // Releases one permit per thread in addition to the permits of the jobs. A thread that takes a permit but finds no job exits.
        _work.Release(_threads.Length);
        Array.ForEach(_threads, thread => thread.Join());
    }

    /// <summary>Takes back a job whose result has been read, for reuse by a later request.</summary>
    internal void GiveBack(SigningJob job) => _unused.Enqueue(job);

    private bool TryAsk(ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> context, Memory<byte> signature, out ValueTask done)
    {
        bool isThereRoom = _room.Wait(0);
        done = isThereRoom ? Ask(data, context, signature) : default;
        return isThereRoom;
    }

    private async ValueTask AskWhenThereIsRoomAsync(ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> context, Memory<byte> signature,
        CancellationToken cancellation)
    {
        ThrowIfDisposed();
        await _room.WaitAsync(cancellation).ConfigureAwait(false);
        await Ask(data, context, signature).ConfigureAwait(false);
    }

    private ValueTask Ask(ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> context, Memory<byte> signature)
    {
        SigningJob job = _unused.TryDequeue(out SigningJob? unused) ? unused : new SigningJob(this);
        ValueTask done = job.Begin(data, context, signature);
        lock (_gate)
        {
            if (!_isDisposed)
            {
                _asked.Enqueue(job);
                _work.Release();
                return done;
            }
        }

        _room.Release();
        throw new ObjectDisposedException(nameof(SignerPool));
    }

    private void ThrowIfDisposed()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
        }
    }

    private void Run()
    {
        while (true)
        {
            _work.Wait();
            if (!_asked.TryDequeue(out SigningJob? job))
            {
                return;
            }

            job.Sign(_key, _room);
        }
    }
}

/// <summary>Creates signatures with one private key. Implementations are thread-safe until disposed.</summary>
public interface ISigner : IDisposable
{
    /// <summary>The algorithm's name in the standard, such as <c>ML-DSA-87</c>.</summary>
    string Algorithm { get; }

    /// <summary>The verifier of these signatures. It stays usable after the signer is disposed.</summary>
    IVerifier Verifier { get; }

    /// <summary>Size of every signature, in bytes.</summary>
    int SignatureSize { get; }

    /// <summary>Signs data.</summary>
    /// <param name="data">The data to sign; any bytes.</param>
    /// <param name="context">The context of the signature; verification needs the same context. May be empty if the key has a single
    /// purpose.</param>
    /// <param name="signature">Receives the signature: exactly <see cref="SignatureSize"/> bytes.</param>
    /// <exception cref="ArgumentException">The context is too long for the algorithm, or the signature span has the wrong
    /// length.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    void Sign(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, Span<byte> signature);
}
