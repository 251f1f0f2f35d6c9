using System.IO.Pipelines;

namespace Estream.Client.Protocol;

/// <summary>
/// Sends frames of several threads over one connection. Frames that arrive while a write is in progress are sent together by the next
/// write. Thread-safe.
/// </summary>
/// <param name="writer">The connection. Only this object writes to it.</param>
/// <param name="roomBytes">The number of unsent bytes from which <see cref="WaitForRoomAsync"/> waits.</param>
internal sealed class FrameOutput(PipeWriter writer, int roomBytes)
{
    private const int SmallBytes = 4096;

    private readonly Lock _lock = new();
    private byte[] _pending = new byte[SmallBytes];
    private byte[] _writing = new byte[SmallBytes];
    private int _length;
    private int _corks;
    private bool _isWriting;
    private readonly LinkedList<Reservation> _waiting = [];
    private int _reserved;
    private bool _isUsed;
    private TaskCompletionSource? _room;
    private long _writingSince;

    /// <summary>Why the connection cannot be written; null while it can.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>The <see cref="ConnectionClock.Millis"/> at which the write in progress began; 0 if there is none.</summary>
    public long WritingSince => Volatile.Read(ref _writingSince);

    /// <summary>Whether <see cref="WaitForRoomAsync"/> completes at once.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_lock)
            {
                return _length < roomBytes || Failure is not null;
            }
        }
    }

    /// <summary>The length of the buffers.</summary>
    public int BufferBytes
    {
        get
        {
            lock (_lock)
            {
                return _pending.Length + _writing.Length;
            }
        }
    }

    /// <summary>Delays writes until <see cref="Uncork"/>, so that the responses of one read are sent together.</summary>
    public void Cork()
    {
        lock (_lock)
        {
            _corks++;
        }
    }

    public void Uncork()
    {
        lock (_lock)
        {
            _corks--;
            if (!TryBeginWriting())
            {
                return;
            }
        }

        _ = PumpAsync();
    }

    /// <summary>Adds a frame. Returns false if the connection is closed.</summary>
    public bool Write(ReadOnlySpan<byte> frame)
    {
        lock (_lock)
        {
            if (Failure is not null)
            {
                return false;
            }

            if (_pending.Length - _length < frame.Length)
            {
                Array.Resize(ref _pending, Math.Max(_length + frame.Length, 2 * _pending.Length));
            }

            frame.CopyTo(_pending.AsSpan(_length));
            _length += frame.Length;
            _isUsed = true;
            if (!TryBeginWriting())
            {
                return true;
            }
        }

        _ = PumpAsync();
        return true;
    }

    /// <summary>Waits until the peer has received enough of the earlier frames. Completes when the connection is closed.</summary>
    public Task WaitForRoomAsync()
    {
        lock (_lock)
        {
            if (_length < roomBytes || Failure is not null)
            {
                return Task.CompletedTask;
            }

            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }

    /// <summary>
    /// Waits until there is room for a frame, in the order of the calls, and reserves it, so that many senders do not fill the same room.
    /// Completes when the connection is closed. Call <see cref="Release"/> when the frame is written.
    /// </summary>
    /// <param name="bytes">The length of the frame. A frame that is longer than the room waits until the output is empty.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public ValueTask ReserveAsync(int bytes, CancellationToken cancellation)
    {
        Reservation waiting;
        lock (_lock)
        {
            if (_waiting.Count == 0 && HasRoomFor(bytes))
            {
                _reserved += bytes;
                return default;
            }

            waiting = new Reservation(bytes);
            _waiting.AddLast(waiting.Place);
        }

        return WaitAsync(waiting, cancellation);
    }

    private async ValueTask WaitAsync(Reservation waiting, CancellationToken cancellation)
    {
        using (cancellation.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), waiting.Granted))
        {
            try
            {
                await waiting.Granted.Task.ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                lock (_lock)
                {
                    if (waiting.Place.List is not null)
                    {
                        _waiting.Remove(waiting.Place);
                        Grant();
                    }
                }

                throw;
            }
        }
    }

    /// <summary>Ends a reservation.</summary>
    public void Release(int bytes)
    {
        lock (_lock)
        {
            _reserved -= bytes;
            Grant();
        }
    }

    /// <summary>Frees the buffers of an output without a write since the last call. Called about once a second.</summary>
    public void TrimIfIdle()
    {
        lock (_lock)
        {
            if (!_isUsed && !_isWriting && _length == 0 && (_pending.Length > SmallBytes || _writing.Length > SmallBytes))
            {
                (_pending, _writing) = (new byte[SmallBytes], new byte[SmallBytes]);
            }

            _isUsed = false;
        }
    }

    /// <summary>Waits until all frames are written, or the connection fails.</summary>
    public async Task DrainAsync()
    {
        while (true)
        {
            lock (_lock)
            {
                if ((!_isWriting && _length == 0) || Failure is not null)
                {
                    return;
                }
            }

            await Task.Delay(1).ConfigureAwait(false);
        }
    }

    /// <summary>Refuses all later frames. Idempotent.</summary>
    public void Fail(Exception reason)
    {
        lock (_lock)
        {
            Failure ??= reason;
            ReleaseRoom();
        }
    }

    private bool TryBeginWriting()
    {
        if (_isWriting || _corks > 0 || _length == 0 || Failure is not null)
        {
            return false;
        }

        _isWriting = true;
        return true;
    }

    private async Task PumpAsync()
    {
        try
        {
            while (TakePending() is { Length: > 0 } bytes)
            {
                Volatile.Write(ref _writingSince, ConnectionClock.Millis);
                FlushResult flushed = await writer.WriteAsync(bytes).ConfigureAwait(false);
                Volatile.Write(ref _writingSince, 0);
                if (flushed.IsCompleted || flushed.IsCanceled)
                {
                    Fail(new IOException("The peer has closed the connection."));
                }
            }
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            Volatile.Write(ref _writingSince, 0);
            Fail(failure);
            StopWriting();
        }
    }

    private ReadOnlyMemory<byte> TakePending()
    {
        lock (_lock)
        {
            if (_length == 0 || _corks > 0 || Failure is not null)
            {
                _isWriting = false;
                ReleaseRoom();
                return default;
            }

            (_pending, _writing) = (_writing, _pending);
            int length = _length;
            _length = 0;
            ReleaseRoom();
            return _writing.AsMemory(0, length);
        }
    }

    private void StopWriting()
    {
        lock (_lock)
        {
            _isWriting = false;
        }
    }

    private void ReleaseRoom()
    {
        _room?.TrySetResult();
        _room = null;
        Grant();
    }

    private void Grant()
    {
        while (_waiting.First is { } first && HasRoomFor(first.Value.Bytes))
        {
            _waiting.RemoveFirst();
            if (first.Value.Granted.TrySetResult())
            {
                _reserved += first.Value.Bytes;
            }
        }
    }

    private bool HasRoomFor(int bytes) =>
        Failure is not null || _length + _reserved == 0 || _length + _reserved + (long)bytes <= roomBytes;

    private sealed class Reservation
    {
        public Reservation(int bytes)
        {
            Bytes = bytes;
            Place = new LinkedListNode<Reservation>(this);
        }

        public int Bytes { get; }

        public LinkedListNode<Reservation> Place { get; }

        public TaskCompletionSource Granted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
