namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>Orders topics byte for byte, so that those that begin alike lie together.</summary>
internal sealed class TopicOrder : IComparer<byte[]>
{
    private TopicOrder()
    {
    }

    public static TopicOrder Instance { get; } = new();

    public int Compare(byte[]? x, byte[]? y)
    {
        return x.AsSpan().SequenceCompareTo(y);
    }
}
