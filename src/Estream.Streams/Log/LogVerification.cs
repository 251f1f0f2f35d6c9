using Estream.Queue;

namespace Estream.Streams;

/// <summary>What a full check of a log found.</summary>
/// <param name="Messages">Messages in the log that are whole, seals included.</param>
/// <param name="SealedMessages">How many of them seals cover: what is behind is covered by its checksums alone.</param>
/// <param name="LastSeal">The newest seal; <see langword="null"/> when there is none.</param>
/// <param name="Damage">What is wrong, or <see langword="null"/>.</param>
public sealed record LogVerification(long Messages, long SealedMessages, LogSeal? LastSeal, QueueDamage? Damage)
{
    /// <summary>Whether nothing is wrong.</summary>
    public bool IsWhole => Damage is null;
}
