namespace Estream.Map.Tests;

public sealed class LatestEntryTests
{
    [Theory]
    [InlineData(0, true)]
    [InlineData(LatestEntry.InlineBytes, true)]
    [InlineData(LatestEntry.InlineBytes + 1, false)]
    [InlineData(1 << 20, false)]
    public void LatestEntry_contains_short_messages_and_refers_to_long_ones(int length, bool isInline)
    {
        byte[] message = [.. Enumerable.Range(0, length).Select(i => (byte)(i + 1))];
        LatestEntry entry = LatestEntry.Create(11, 22, 33, message);
        Assert.Equal((11, 22, 33, length), (entry.Position, entry.Sequence, entry.Time, entry.Length));
        Assert.Equal(isInline, entry.IsInline);
        Assert.True(entry.Message.SequenceEqual(isInline ? message : []));
        Assert.True(entry == LatestEntry.Create(11, 22, 33, message));
        Assert.True(entry != LatestEntry.Create(12, 22, 33, message));
    }
}
