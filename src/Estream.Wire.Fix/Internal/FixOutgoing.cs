using System.Buffers;

namespace Estream.Wire.Fix.Internal;

/// <summary>
/// What waits to be written to a socket: sessions fill one buffer while the other is written. Locked by itself; a writer of several
/// pieces locks it around them.
/// </summary>
internal sealed class FixOutgoing : IBufferWriter<byte>
{
    private const int KeptBytes = 256 * 1024;

    private ArrayBufferWriter<byte> _filling = new();
    private ArrayBufferWriter<byte> _writing = new();

    /// <summary>Called when there is more, under the lock: must only pass it on.</summary>
    public Action? Filled { get; set; }

    /// <summary>Bytes that nobody has taken yet.</summary>
    public int Waiting
    {
        get
        {
            lock (this)
            {
                return _filling.WrittenCount;
            }
        }
    }

    public void Advance(int count)
    {
        lock (this)
        {
            _filling.Advance(count);
            Filled?.Invoke();
        }
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        lock (this)
        {
            return _filling.GetMemory(sizeHint);
        }
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        lock (this)
        {
            return _filling.GetSpan(sizeHint);
        }
    }

    /// <summary>Takes everything that waits. What was taken before must have been written.</summary>
    public bool TryTake(out ReadOnlyMemory<byte> bytes)
    {
        lock (this)
        {
            // One burst must not cost its size for as long as the connection lasts.
            _writing = _writing.Capacity > KeptBytes ? new ArrayBufferWriter<byte>() : _writing;
            _writing.ResetWrittenCount();
            (_filling, _writing) = (_writing, _filling);
            bytes = _writing.WrittenMemory;
            return !bytes.IsEmpty;
        }
    }
}
