namespace Estream.Queue;

/// <summary>How a queue is encrypted. Says nothing secret.</summary>
/// <param name="FirstSegment">Number of the first encrypted segment; those before it are in clear.</param>
/// <param name="CurrentGeneration">The key generation of new segments.</param>
/// <param name="Generations">The generations that are kept, oldest first.</param>
public sealed record QueueEncryption(long FirstSegment, int CurrentGeneration, IReadOnlyList<QueueKeyGeneration> Generations);

/// <summary>A key of a queue, which only its wrapped form is stored of.</summary>
/// <param name="Number">Its number, counted from 1.</param>
/// <param name="MasterKeyId">The master key that it is wrapped under.</param>
/// <param name="CreatedAt">When it was made: nanoseconds since 1970-01-01 UTC.</param>
public sealed record QueueKeyGeneration(int Number, string MasterKeyId, long CreatedAt);
