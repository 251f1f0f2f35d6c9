using Estream.Core.Keys;

namespace Estream.Map.Internal;

/// <summary>
/// The last sealed entry that a thread has opened, decrypted in private memory. A lookup compares the key and then copies the value, but
/// decrypts the entry only once. Blocks never change, so the plaintext stays valid as long as the segment of the block is current.
/// </summary>
internal sealed class OpenedBlock : IDisposable
{
    /// <summary>Memory up to this size is kept for the next entry.</summary>
    public const long KeptBytes = 1 << 20;

    [ThreadStatic]
    private static OpenedBlock? t_ofThread;

    private readonly PlaintextBuffer _buffer = new();

    // The serial number of the segment; 0: no entry. A reference to the segment would keep the memory of a released segment mapped.
    private long _segment;
    private BlockRef _at;
    private BlockHead _head;

    // A thread that ends leaves its memory to the garbage collector.
    ~OpenedBlock() => _buffer.Dispose();

    /// <summary>The size of the memory.</summary>
    public long MemoryBytes => _buffer.Memory.Length;

    public static OpenedBlock OfThread => t_ofThread ??= new OpenedBlock();

    /// <summary>The value with its stamp, and then the key.</summary>
    public ReadOnlySpan<byte> Plain => _buffer.Memory.ReadOnlySpan(0, _head.ValueBytes + _head.KeyBytes);

    public bool Is(HeapSegment segment, BlockRef at, in BlockHead head) => segment.Serial == _segment && at == _at && head == _head;

    /// <summary>Forgets the entry, and reserves memory for another entry.</summary>
    public Span<byte> Begin(int bytes)
    {
        _segment = 0;
        if (bytes <= KeptBytes)
        {
            ForgetLarge();
        }

        _buffer.Reserve(Math.Max(1, bytes));
        return _buffer.Memory.Span(0, bytes);
    }

    /// <summary>Records that the memory holds a genuine entry.</summary>
    public void End(HeapSegment segment, BlockRef at, in BlockHead head) => (_segment, _at, _head) = (segment.Serial, at, head);

    /// <summary>Forgets a large entry, whose memory is not kept.</summary>
    public void ForgetLarge()
    {
        if (MemoryBytes > KeptBytes)
        {
            _segment = 0;
            _buffer.Shrink();
        }
    }

    /// <summary>Overwrites the entry that this thread has opened last.</summary>
    public static void Forget()
    {
        t_ofThread?.Dispose();
        t_ofThread = null;
    }

    public void Dispose()
    {
        _segment = 0;
        _buffer.Dispose();
        GC.SuppressFinalize(this);
    }
}
