using Estream.Core;

namespace Estream.Queue.TestProcess;

/// <summary>What is in a queue in a few words, so that processes can compare what they find.</summary>
public static class QueueContents
{
    /// <summary>Reads on to the first message at a position or behind it, or to the end.</summary>
    /// <returns>How many messages there were, and a checksum of their positions, numbers and bytes.</returns>
    public static string ReadTo(QueueTailer tailer, long end)
    {
        long count = 0;
        uint checksum = 0;
        while (tailer.TryRead(out QueueMessage message) && message.Position < end)
        {
            checksum = Crc32C.Append(Crc32C.Append(checksum, message.Position), message.Sequence);
            checksum = Crc32C.Append(checksum, message.Payload);
            count++;
        }

        return $"{count} messages of checksum {checksum:x8}";
    }
}
