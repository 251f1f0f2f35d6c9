using System.Collections.Concurrent;
using Estream.Crypto.Internal;

namespace Estream.Crypto;

/// <summary>Signs on threads of its own, several signatures at a time: whoever needs more signatures than one processor makes asks for the
/// next before the last is there.</summary>
/// <remarks>
/// Thread-safe. Throughput grows with the threads as long as each has a processor. What was asked for first is begun first; what is done
/// first is not said. Asking allocates nothing but where there is no room; awaiting what is not done yet takes what the thread pool needs
/// to go on. The key stays its owner's, and is disposed after the pool.
/// </remarks>
public sealed class SignerPool : IDisposable
{
    /// <summary>The most threads a pool has.</summary>
    public const int MaxThreads = 1_024;

    /// <summary>The most signatures that are asked for at one time.</summary>
    public const int MaxCapacity = 1 << 20;

    private readonly Lock _gate = new();
    private readonly ConcurrentQueue<SigningJob> _asked = new();
    private readonly ConcurrentQueue<SigningJob> _unused = new();
    private readonly SemaphoreSlim _room;
    private readonly SemaphoreSlim _work = new(0);
    private readonly ISigner _key;
    private readonly Thread[] _threads;
    private bool _isDisposed;

    /// <summary>Starts the threads.</summary>
    /// <param name="key">What signs; thread-safe, as every signer is.</param>
    /// <param name="threads">How many threads, from 1 to <see cref="MaxThreads"/>; as many as there are processors when omitted.</param>
    /// <param name="capacity">How many signatures may be asked for and not be done, from 1 to <see cref="MaxCapacity"/>.</param>
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

    /// <summary>How many signatures may be asked for and not be done.</summary>
    public int Capacity { get; }

    /// <summary>How many threads sign.</summary>
    public int Threads => _threads.Length;

    /// <summary>Bytes of every signature.</summary>
    public int SignatureSize => _key.SignatureSize;

    /// <summary>Asks for a signature, and waits for room where as many as there may be are not done yet.</summary>
    /// <param name="data">What is signed. Not changed before it is done.</param>
    /// <param name="context">What it is signed for. Not changed before it is done.</param>
    /// <param name="signature">Becomes the signature, exactly <see cref="SignatureSize"/> bytes. Nobody else's before it is done.</param>
    /// <param name="cancellation">Ends the wait for room. What was asked for is signed.</param>
    /// <returns>Ends with the signature. To be awaited once, as every <see cref="ValueTask"/>; or fails as <see cref="ISigner.Sign"/>
    /// does.</returns>
    /// <exception cref="ArgumentException">The signature has another length.</exception>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    /// <exception cref="OperationCanceledException">There was no room before it was cancelled.</exception>
    public ValueTask SignAsync(ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> context, Memory<byte> signature,
        CancellationToken cancellation = default)
    {
        KeyCheck.Argument(signature.Length, SignatureSize, nameof(signature));
        return TryAsk(data, context, signature, out ValueTask done)
            ? done
            : AskWhenThereIsRoomAsync(data, context, signature, cancellation);
    }

    /// <summary>Asks for a signature if there is room.</summary>
    /// <param name="data">What is signed. Not changed before it is done.</param>
    /// <param name="context">What it is signed for. Not changed before it is done.</param>
    /// <param name="signature">Becomes the signature, exactly <see cref="SignatureSize"/> bytes. Nobody else's before it is done.</param>
    /// <param name="done">Ends with the signature, as that of <see cref="SignAsync"/>.</param>
    /// <returns>Whether there was room. Where there was none nothing is signed.</returns>
    /// <exception cref="ArgumentException">The signature has another length.</exception>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    public bool TrySign(ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> context, Memory<byte> signature, out ValueTask done)
    {
        KeyCheck.Argument(signature.Length, SignatureSize, nameof(signature));
        return TryAsk(data, context, signature, out done);
    }

    /// <summary>Signs what was asked for, and ends the threads. Idempotent.</summary>
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

        // One more for each thread than there is work: who finds none has seen the end.
        _work.Release(_threads.Length);
        Array.ForEach(_threads, thread => thread.Join());
    }

    /// <summary>Takes back what nobody waits for any more.</summary>
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

/// <summary>Makes signatures with one private key. Implementations are thread-safe until they are disposed.</summary>
public interface ISigner : IDisposable
{
    /// <summary>What the standard calls the algorithm, such as <c>ML-DSA-87</c>.</summary>
    string Algorithm { get; }

    /// <summary>What checks these signatures. Stays usable when this is disposed.</summary>
    IVerifier Verifier { get; }

    /// <summary>Bytes of every signature.</summary>
    int SignatureSize { get; }

    /// <summary>Signs.</summary>
    /// <param name="data">What is signed: any bytes.</param>
    /// <param name="context">What it is signed for, which verification must name as well. Empty where there is only one purpose.</param>
    /// <param name="signature">Becomes the signature, exactly <see cref="SignatureSize"/> bytes.</param>
    /// <exception cref="ArgumentException">The context is too long for the algorithm, or the signature has another length.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    void Sign(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, Span<byte> signature);
}
