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
    private readonly Lock _lock = new();
    private byte[] _pending = new byte[4096];
    private byte[] _writing = new byte[4096];
    private int _length;
    private int _corks;
    private bool _isWriting;
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
    }
}
