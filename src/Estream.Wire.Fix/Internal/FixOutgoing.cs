using System.Buffers;

namespace Estream.Wire.Fix.Internal;

/// <summary>Buffers output for a socket: sessions fill one buffer while the other is written. Each method locks the instance. A caller that
/// writes several parts holds the lock for all parts.</summary>
internal sealed class FixOutgoing : IBufferWriter<byte>
{
    private const int KeptBytes = 256 * 1024;

    private ArrayBufferWriter<byte> _filling = new();
    private ArrayBufferWriter<byte> _writing = new();

    /// <summary>Called under the lock when bytes were added; must only schedule the write.</summary>
    public Action? Filled { get; set; }

    /// <summary>The number of bytes not taken yet.</summary>
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

    /// <summary>Takes all waiting bytes. The bytes taken before must have been written.</summary>
    public bool TryTake(out ReadOnlyMemory<byte> bytes)
    {
        lock (this)
        {
            // Drops a buffer that a burst has enlarged, so that it does not stay large for the life of the connection.
            _writing = _writing.Capacity > KeptBytes ? new ArrayBufferWriter<byte>() : _writing;
            _writing.ResetWrittenCount();
            (_filling, _writing) = (_writing, _filling);
            bytes = _writing.WrittenMemory;
            return !bytes.IsEmpty;
        }
    }
}
