using System.Buffers;
using System.ComponentModel;
using System.Net.Sockets;
using System.Threading.Tasks.Sources;
using Estream.Core;

namespace Estream.Wire.Internal;

/// <summary>Handles bytes that arrive while a read waits; the read continues to wait. Called by the thread of the loop; must not block
/// or compute for long.</summary>
/// <param name="bytes">The bytes, valid during the call.</param>
/// <returns>The number of bytes handled, from the start. Reads get the other bytes.</returns>
internal delegate int ArrivalHandler(ReadOnlySequence<byte> bytes);

/// <summary>
/// A stream over a socket whose reads wait on the <see cref="SocketLoop"/>. A read without bytes (a buffer of length zero) waits until
/// bytes are there. One read and one write at a time; disposal and cancellation by any thread.
/// </summary>
internal sealed class LoopStream : Stream, IValueTaskSource<int>, IThreadPoolWorkItem
{
    // With more bytes than this, the work is worth a wake-up, and the loop must not wait for it.
    private const int MostBytesHere = SocketLoop.ArrivedBytes;

    private const int Idle = 0;
    private const int Ready = 1;
    private const int Waiting = 2;
    private const int Closed = 3;

    private const int WouldBlock = -1;

    private readonly SocketLoop _loop = SocketLoop.Shared;
    private readonly long _key;
    private ManualResetValueTaskSourceCore<int> _read;
    private CancellationTokenRegistration _cancellation;
    private CancellationToken _token;
    private Memory<byte> _buffer;
    private Exception? _failure;
    private int _result;
    private int _state;
    private bool _isReadable;
    private bool _leavesLoop;

    // The bytes that the handler left for the next reads, in an array of the shared pool.
    private byte[]? _left;
    private int _leftOffset;
    private int _leftEnd;
    private volatile bool _hasEnded;

    private LoopStream(Socket socket)
    {
        Socket = socket;
        _key = _loop.Add(this);
        socket.Blocking = false;
    }

    public Socket Socket { get; }

    /// <summary>Whether the loop runs the code that waits for bytes. That code must not block or compute for long, because all other
    /// connections wait meanwhile. Otherwise a thread of the pool runs it.</summary>
    public bool RunsOnLoop { get; set; }

    /// <summary>Handles the bytes that arrive during a read without bytes, which saves a completed read for each arrival. If null, each
    /// arrival completes the read.</summary>
    public ArrivalHandler? Handler { get; set; }

    /// <summary>Whether bytes have arrived that no read has returned. Do not use it during a read.</summary>
    public bool HasArrived => _left is not null || Socket.Available > 0;

    /// <summary>Takes over a connected socket. The stream closes it.</summary>
    /// <returns>A stream on the loop; a stream of .NET if the system has no epoll, or its limit of watched sockets is reached.</returns>
    public static Stream Over(Socket socket)
    {
        try
        {
            return Epoll.IsSupported ? new LoopStream(socket) : new NetworkStream(socket, ownsSocket: true);
        }
        catch (Win32Exception)
        {
            return new NetworkStream(socket, ownsSocket: true);
        }
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The connection has failed.</exception>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<int>(cancellationToken);
        }

        if (TryRead(buffer, out int count))
        {
            return Answer(count);
        }

        (_buffer, _token, _failure) = (buffer, cancellationToken, null);
        _read.Reset();
        _cancellation = cancellationToken.UnsafeRegister(static stream => ((LoopStream)stream!).Cancel(), this);
        short version = _read.Version;
        Park(isReading: true);
        return new ValueTask<int>(this, version);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            while (!buffer.IsEmpty)
            {
                int sent = await Socket.SendAsync(buffer, SocketFlags.None, cancellationToken).ConfigureAwait(false);
                buffer = buffer[sent..];
            }
        }
        catch (SocketException failure)
        {
            throw Failed(failure);
        }
    }

    /// <summary>Makes the next read find bytes that have arrived and that the loop has not reported yet. Not during a read.</summary>
    public void FindArrived() => _isReadable |= HasArrived;

    /// <summary>Tells that bytes have arrived. Called by the loop.</summary>
    /// <param name="hasEnded">Whether no bytes follow those that are there.</param>
    /// <param name="runsHere">Whether the calling thread may run the code that waits for the bytes.</param>
    public void OnReadable(bool hasEnded, bool runsHere)
    {
        _hasEnded |= hasEnded;
        while (true)
        {
            if (Interlocked.CompareExchange(ref _state, Idle, Waiting) == Waiting)
            {
                Finish(runsHere && RunsOnLoop, mayBeRead: false, isReading: false);
                return;
            }

            if (Interlocked.CompareExchange(ref _state, Ready, Idle) is Idle or Ready or Closed)
            {
                return;
            }
        }
    }

    int IValueTaskSource<int>.GetResult(short token)
    {
        _cancellation.Dispose();
        _cancellation = default;
        _buffer = default;
        return _read.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _read.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        // Read the flag before OnCompleted: after the registration, the continuation can begin the next read on another thread.
        bool leavesLoop = _leavesLoop;
        _leavesLoop = false;
        _read.OnCompleted(continuation, state, token, flags);
        if (leavesLoop)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Completes the read on a thread of the pool.</summary>
    void IThreadPoolWorkItem.Execute() => Complete();

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _loop.Remove(_key);
            Socket.Dispose();
            if (Interlocked.Exchange(ref _state, Closed) == Waiting)
            {
                _failure = new ObjectDisposedException(nameof(LoopStream));
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            }
        }

        base.Dispose(disposing);
    }

    private static IOException Failed(SocketException failure) => new(failure.Message, failure);

    // A short read has taken all bytes that were there; later bytes are reported again. The end of the stream is reported only once.
    private bool TryRead(Memory<byte> buffer, out int count)
    {
        count = 0;
        if (!_isReadable && !_hasEnded && _left is null)
        {
            return false;
        }

        if (buffer.IsEmpty)
        {
            return true;
        }

        if (_left is not null)
        {
            count = TakeLeft(buffer.Span);
            return true;
        }

        count = Receive(buffer.Span);
        _isReadable = count == buffer.Length;
        return count != WouldBlock;
    }

    private int TakeLeft(Span<byte> buffer)
    {
        int count = Math.Min(buffer.Length, _leftEnd - _leftOffset);
        _left.AsSpan(_leftOffset, count).CopyTo(buffer);
        _leftOffset += count;
        if (_leftOffset == _leftEnd)
        {
            ArrayPool<byte>.Shared.Return(_left!);
            _left = null;
        }

        return count;
    }

    private int Receive(Span<byte> buffer)
    {
        int count = Socket.Receive(buffer, SocketFlags.None, out SocketError error);
        return error switch
        {
            SocketError.Success => count,
            SocketError.WouldBlock => WouldBlock,
            _ => throw Failed(new SocketException((int)error)),
        };
    }

    private ValueTask<int> Answer(int count)
    {
        if (count <= MostBytesHere || !RunsOnLoop || !_loop.IsCurrent)
        {
            return ValueTask.FromResult(count);
        }

        // The pool completes the read only after the caller waits for it; a read completed before would keep the caller on the loop.
        _read.Reset();
        (_result, _failure, _leavesLoop) = (count, null, true);
        return new ValueTask<int>(this, _read.Version);
    }

    // Waits for an arrival. An arrival since the last read ends the wait at once.
    private void Park(bool isReading)
    {
        int before = Interlocked.CompareExchange(ref _state, Waiting, Idle);
        if (before == Ready && Interlocked.CompareExchange(ref _state, Idle, Ready) == Ready)
        {
            Finish(runsHere: true, mayBeRead: true, isReading);
        }
        else if (before != Idle)
        {
            _failure = new ObjectDisposedException(nameof(LoopStream));
            Complete();
        }
        else if (_token.IsCancellationRequested)
        {
            Cancel();
        }
    }

    private void Cancel()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Waiting) == Waiting)
        {
            _failure = new OperationCanceledException(_token);
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    // The caller has ended the wait, so no other thread completes the read. An arrival that was reported during the last read may have
    // been read already: an idle connection must not keep a buffer because of it. While the caller is still in ReadAsync (isReading), the
    // awaiter is not registered.
    private void Finish(bool runsHere, bool mayBeRead, bool isReading)
    {
        try
        {
            bool isHandled = Handler is not null && runsHere && !isReading && _buffer.IsEmpty && !_hasEnded && _loop.IsCurrent;
            if (!isHandled)
            {
                _isReadable = !mayBeRead || _hasEnded || Socket.Available > 0;
            }

            if (isHandled ? TryHandle(Handler!) : !TryRead(_buffer, out _result))
            {
                Park(isReading);
                return;
            }
        }
        catch (Exception failure) when (failure is IOException or SocketException or ObjectDisposedException)
        {
            _failure = failure is SocketException socket ? Failed(socket) : failure;
        }

        bool isLong = _failure is null && _result > MostBytesHere && RunsOnLoop && _loop.IsCurrent;
        if (isLong && isReading)
        {
            _leavesLoop = true;
        }
        else if (runsHere && !isLong)
        {
            Complete();
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Gives the arrived bytes to the handler.</summary>
    /// <returns>Whether the read continues to wait, because no bytes are left.</returns>
    private bool TryHandle(ArrivalHandler handler)
    {
        byte[] bytes = _loop.Arrived;
        int count = Receive(bytes);
        _result = 0;
        if (count == WouldBlock)
        {
            return true;
        }

        if (count == 0)
        {
            _hasEnded = true;
            return false;
        }

        // If the buffer is full, more bytes may be there, and the handler would block the loop for long.
        bool isFull = count == bytes.Length;
        _isReadable = isFull && Socket.Available > 0;
        int handled = 0;
        if (!isFull)
        {
            try
            {
                handled = handler(new ReadOnlySequence<byte>(bytes, 0, count));
            }
            catch (Exception failure)
            {
                // The read throws the exception, because the thread of the loop must continue.
                _failure = failure;
                return false;
            }
        }

        if (handled == count)
        {
            return true;
        }

        (_left, _leftOffset, _leftEnd) = (ArrayPool<byte>.Shared.Rent(count - handled), 0, count - handled);
        bytes.AsSpan(handled, _leftEnd).CopyTo(_left);
        return false;
    }

    private void Complete()
    {
        if (_failure is null)
        {
            _read.SetResult(_result);
        }
        else
        {
            _read.SetException(_failure);
        }
    }
}
