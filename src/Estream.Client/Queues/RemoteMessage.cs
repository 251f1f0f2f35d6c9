namespace Estream.Client;

/// <summary>A message of a queue.</summary>
/// <param name="Position">The position of the message in the queue.</param>
/// <param name="Sequence">The sequence number of the message in the queue: 0, 1, 2, …</param>
/// <param name="Time">The time at which the message was appended, in nanoseconds since 1970 UTC.</param>
/// <param name="Payload">The message bytes; they stay valid.</param>
public readonly record struct RemoteMessage(long Position, long Sequence, long Time, ReadOnlyMemory<byte> Payload);

/// <summary>The extent of a queue.</summary>
/// <param name="FirstSequence">The sequence number of the oldest message.</param>
/// <param name="NextSequence">The sequence number of the next message.</param>
/// <param name="EndPosition">The position after the newest message.</param>
/// <param name="MaxMessageBytes">The maximum length of a message in bytes.</param>
/// <param name="IsWritable">Whether this client may append.</param>
public readonly record struct RemoteQueueInfo(
    long FirstSequence, long NextSequence, long EndPosition, int MaxMessageBytes, bool IsWritable);
