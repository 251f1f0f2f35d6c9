using Estream.Client.Protocol;
using Estream.Host.Runtime;

namespace Estream.Host.Remote;

/// <summary>A page of a scan: the first keys after a key, in byte order. One pass over the map selects them.</summary>
internal sealed class MapScan(IRemoteMap map, byte[] prefix, byte[] after, MapReader reader, CancellationToken cancellation)
{
    /// <summary>The maximum number of scans that wait for their turn.</summary>
    public const int MaxWaiting = 8;

    private const int MaxKeys = 512;
    private const int MaxPageBytes = 256 << 10;

    private readonly KeySelection _keys = new(prefix, after, MaxKeys);

    /// <summary>Writes the page: whether more follow, then key, version, expiry and value of each entry.</summary>
    /// <exception cref="RemoteRefusalException">A value is too long, or the role may not read it.</exception>
    /// <exception cref="OperationCanceledException">The connection has ended.</exception>
    public void Write(FrameBuilder frame)
    {
        map.Visit(key =>
        {
            cancellation.ThrowIfCancellationRequested();
            _keys.Consider(key);
        });
        int most = Math.Min(MaxPageBytes, reader.MaxBytes);
        FrameBuilder value = new();
        int written = 0;
        frame.Byte(1);
        foreach (byte[] key in _keys.Take())
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

        frame.SetFirst((byte)(_keys.HasMore ? 1 : 0));
    }
}
