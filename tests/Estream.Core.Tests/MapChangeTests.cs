namespace Estream.Core.Tests;

/// <summary>Map change events as they are stored in a queue.</summary>
public sealed class MapChangeTests
{
    [Fact]
    public void TryRead_returns_false_for_bytes_that_are_not_a_map_change()
    {
        byte[] whole = Encode(new MapChange(MapChangeKind.Put, [1, 2], [3]));
        for (int length = 0; length < MapChange.HeaderBytes + 2; length++)
        {
            Assert.False(MapChange.TryRead(whole.AsSpan(0, length), out _));
        }

        foreach ((int offset, byte value) in new[] { (0, (byte)0), (0, (byte)5), (3, (byte)0x80), (4, (byte)4), (7, (byte)0x80),
            (7, (byte)0x7F) })
        {
            byte[] damaged = [.. whole];
            damaged[offset] = value;
            Assert.False(MapChange.TryRead(damaged, out _));
        }
    }

    [Fact]
    public void Write_throws_when_the_destination_is_too_short() =>
        Assert.Throws<ArgumentException>(() => new MapChange(MapChangeKind.Put, [1, 2], [3]).Write(new byte[MapChange.HeaderBytes + 2]));

    [Fact]
    public void A_written_map_change_reads_back_unchanged()
    {
        byte[] bytes = Encode(new MapChange(MapChangeKind.Put, [1, 2], [3, 4, 5], version: 6, expiresAt: long.MaxValue));
        Assert.True(MapChange.TryRead(bytes, out MapChange change));
        Assert.Equal(MapChangeKind.Put, change.Kind);
        Assert.Equal([1, 2], change.Key.ToArray());
        Assert.Equal([3, 4, 5], change.Value.ToArray());
        Assert.Equal((6, long.MaxValue), (change.Version, change.ExpiresAt));
        Assert.True(MapChange.TryRead(Encode(new MapChange(MapChangeKind.Clear, default, default)), out change));
        Assert.Equal(MapChangeKind.Clear, change.Kind);
        Assert.True(change.Key.IsEmpty && change.Value.IsEmpty);
    }

    /// <summary>The bytes are a format: see docs/formats/map.md.</summary>
    [Fact]
    public void The_encoded_bytes_of_a_map_change_match_the_format() => Assert.Equal(
        [2, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0xAA],
        Encode(new MapChange(MapChangeKind.Remove, [0xAA], default, version: 7, expiresAt: 9)));

    private static byte[] Encode(MapChange change)
    {
        byte[] bytes = new byte[change.EncodedBytes];
        change.Write(bytes);
        return bytes;
    }
}
