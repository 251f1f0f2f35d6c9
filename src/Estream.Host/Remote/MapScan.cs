using Estream.Client.Protocol;

namespace Estream.Host.Remote;

/// <summary>A page of a scan: the first keys after a key, in byte order. One pass over the map selects them.</summary>
internal sealed class MapScan(IRemoteMap map, byte[] prefix, byte[] after, MapReader reader, CancellationToken cancellation)
{
    /// <summary>The maximum number of scans that wait for their turn.</summary>
    public const int MaxWaiting = 8;

    private const int MaxKeys = 512;
    private const int MaxPageBytes = 256 << 10;

    private static readonly IComparer<byte[]> s_greatestFirst =
        Comparer<byte[]>.Create(static (one, other) => other.AsSpan().SequenceCompareTo(one));

    private readonly PriorityQueue<byte[], byte[]> _kept = new(MaxKeys + 1, s_greatestFirst);
    private bool _hasMore;

    /// <summary>Writes the page: whether more follow, then key, version, expiry and value of each entry.</summary>
    /// <exception cref="RemoteRefusalException">A value is too long, or the role may not read it.</exception>
    /// <exception cref="OperationCanceledException">The connection has ended.</exception>
    public void Write(FrameBuilder frame)
    {
        map.Visit(Consider);
        byte[][] keys = new byte[_kept.Count][];
        for (int i = keys.Length - 1; i >= 0; i--)
        {
            keys[i] = _kept.Dequeue();
        }

        int most = Math.Min(MaxPageBytes, reader.MaxBytes);
        FrameBuilder value = new();
        int written = 0;
        frame.Byte(1);
        foreach (byte[] key in keys)
        {
            cancellation.ThrowIfCancellationRequested();
            map.Write(value.Begin(), key, reader);
            ReadOnlySpan<byte> entry = value.End(ClientOp.MapGet, 0)[FrameParser.HeaderBytes..];
            if (frame.Length + key.Length + entry.Length > most && written > 0)
            {
                return;
            }

            written++;
            if (entry[0] != 0)
            {
                frame.ShortBytes(key).Raw(entry.Slice(1, 2 * sizeof(long))).LongBytes(entry[(1 + (2 * sizeof(long)))..]);
            }
        }

        frame.SetFirst((byte)(_hasMore ? 1 : 0));
    }

    private void Consider(ReadOnlySpan<byte> key)
    {
        cancellation.ThrowIfCancellationRequested();
        if (!key.StartsWith(prefix) || (after.Length > 0 && key.SequenceCompareTo(after) <= 0))
        {
            return;
        }

        if (_kept.Count < MaxKeys)
        {
            byte[] added = key.ToArray();
            _kept.Enqueue(added, added);
            return;
        }

        _hasMore = true;
        if (key.SequenceCompareTo(_kept.Peek()) < 0)
        {
            byte[] added = key.ToArray();
            _kept.EnqueueDequeue(added, added);
        }
    }
}
