using Estream.Replication.Internal;

namespace Estream.Replication.Tests.Maps;

public sealed class MapPointerTests
{
    [Fact]
    public void A_pointer_is_read_as_it_was_written()
    {
        MapPointer pointer = new(0x1234_5678_9ABC_DEF0, 4_096, "höst");
        Assert.True(MapPointer.TryRead(pointer.ToBytes(), out MapPointer read));
        Assert.Equal(pointer, read);
    }

    [Fact]
    public void Foreign_messages_are_not_pointers()
    {
        byte[] valid = new MapPointer(7, 8, "a").ToBytes();
        byte[] otherVersion = [.. valid];
        otherVersion[0] = 2;
        Assert.False(MapPointer.TryRead(otherVersion, out _));
        Assert.False(MapPointer.TryRead(valid.AsSpan(0, 20), out _));
        Assert.False(MapPointer.TryRead(new MapPointer(0, 8, "a").ToBytes(), out _));
        Assert.False(MapPointer.TryRead(new MapPointer(7, -1, "a").ToBytes(), out _));
        Assert.False(MapPointer.TryRead(new MapPointer(7, 8, new string('a', MapPointer.MaxOwnerBytes + 1)).ToBytes(), out _));
        Random random = new(1);
        byte[] noise = new byte[64];
        for (int i = 0; i < 1_000; i++)
        {
            random.NextBytes(noise);
            _ = MapPointer.TryRead(noise.AsSpan(0, random.Next(noise.Length)), out _);
        }
    }
}
