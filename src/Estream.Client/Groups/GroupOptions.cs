namespace Estream.Client;

/// <summary>The options of a member of a consumer group.</summary>
public sealed record GroupOptions
{
    private const int DefaultBatchBytes = 64 << 10;

    /// <summary>The queue of the host that stores the results together with the progress of the group, so that each message has its effect
    /// exactly once. All members of a group use the same output. <see langword="null"/>, the default, for none: messages are delivered at
    /// least once.</summary>
    public string? Output { get; init; }

    /// <summary>The maximum length of a batch in bytes, from 1; a longer message is the only one of its batch. The maximum frame length
    /// of the host also limits a batch. Default 64 KiB.</summary>
    public int MaxBatchBytes { get; init; } = DefaultBatchBytes;

    /// <summary>The time to answer a batch, from 1 s to 1 h in whole seconds. The partitions of this member do not move while
    /// it has an unanswered batch. Without an answer in this time, other members get the partitions. Default 30 s.</summary>
    public TimeSpan AnswerLimit { get; init; } = TimeSpan.FromSeconds(30);

    internal void Validate()
    {
        if (!string.IsNullOrEmpty(Output))
        {
            EstreamClient.RequireName(Output);
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBatchBytes, 1);
        if (AnswerLimit < TimeSpan.FromSeconds(1) || AnswerLimit > TimeSpan.FromHours(1)
            || AnswerLimit.Ticks % TimeSpan.TicksPerSecond != 0)
        {
            throw new ArgumentException(
                $"{nameof(AnswerLimit)} is {AnswerLimit}; set whole seconds from 1 second to 1 hour.", nameof(AnswerLimit));
        }
    }
}
