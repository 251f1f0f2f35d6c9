namespace Estream.Host.Runtime;

/// <summary>How many bytes of messages one answer decodes; longer ones are shown by their length.</summary>
/// <param name="MessageBytes">The longest message that is decoded.</param>
/// <param name="TotalBytes">All messages of the answer together.</param>
internal readonly record struct MessageBudget(int MessageBytes, long TotalBytes)
{
    /// <summary>An answer somebody asked for.</summary>
    public static MessageBudget Answer { get; } = new(256 * 1024, 8 * 1024 * 1024);

    /// <summary>An event that goes to every console twice a second.</summary>
    public static MessageBudget Event { get; } = new(4 * 1024, 64 * 1024);
}
