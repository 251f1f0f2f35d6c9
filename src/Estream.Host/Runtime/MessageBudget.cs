namespace Estream.Host.Runtime;

/// <summary>The maximum number of message bytes decoded for one response. Only the length of longer messages is shown.</summary>
/// <param name="MessageBytes">The limit per message.</param>
/// <param name="TotalBytes">The limit of all messages together.</param>
internal readonly record struct MessageBudget(int MessageBytes, long TotalBytes)
{
    /// <summary>The budget of a response to a request.</summary>
    public static MessageBudget Answer { get; } = new(256 * 1024, 8 * 1024 * 1024);

    /// <summary>The budget of an event, which is sent to every console twice a second.</summary>
    public static MessageBudget Event { get; } = new(4 * 1024, 64 * 1024);
}
