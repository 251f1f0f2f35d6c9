using Estream.Core;

namespace Estream.Queue.TestProcess;

/// <summary>Opens a queue as its test does: with the master keys in the file next to it, if there is one.</summary>
public static class QueueAccess
{
    /// <summary>The file of the master keys of a queue in a test.</summary>
    public static string KeyFile(string directory) => directory + ".keys";

    /// <summary>The master keys of a queue in a test; null for a plaintext queue.</summary>
    public static QueueKeyRing? Keys(string directory) => File.Exists(KeyFile(directory))
        ? QueueKeyRing.FromFile(KeyFile(directory))
        : null;

    internal static EstreamQueue Open(string directory, QueueOptions? options = null) =>
        EstreamQueue.Open(directory, (options ?? new QueueOptions()) with { Keys = Keys(directory) });

    internal static EstreamQueue OpenReadOnly(string directory) =>
        EstreamQueue.OpenReadOnly(directory, new QueueOptions { Keys = Keys(directory) });
}

/// <summary>A short description of the content of a queue, so that processes can compare what they read.</summary>
public static class QueueContents
{
    /// <summary>Reads up to the first message at or after a position, or to the end.</summary>
    /// <returns>The number of messages, and a checksum of their positions, numbers and bytes.</returns>
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
