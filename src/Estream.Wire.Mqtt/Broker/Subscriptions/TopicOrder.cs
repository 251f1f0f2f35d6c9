namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>Orders topics byte for byte, so that those that begin alike lie together.</summary>
internal sealed class TopicOrder : IComparer<RetainedTopic>
{
    private TopicOrder()
    {
    }

    public static TopicOrder Instance { get; } = new();

    public int Compare(RetainedTopic? x, RetainedTopic? y)
    {
        return (x?.Name).AsSpan().SequenceCompareTo(y?.Name);
    }
}
