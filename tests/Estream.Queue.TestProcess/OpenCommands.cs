using Estream.Core;

namespace Estream.Queue.TestProcess;

/// <summary>Opening a queue in the same moment as others.</summary>
internal static class OpenCommands
{
    /// <summary>
    /// Opens a queue when the first word of a file is raised. Says which recovery it was told of and what it finds up to where that ended,
    /// and then appends a message of its own.
    /// </summary>
    public static int OpenWhenTold(string directory, string gate, int writer)
    {
        using MemoryRegion region = FileStorage.Instance.OpenRegion(gate, RegionAccess.ReadWrite);
        Console.WriteLine("ready");
        while (region.All.ReadInt32Acquire(0) == 0)
        {
            if (region.WaitInt32(0, 0, TimeSpan.FromMinutes(1)) == WaitOutcome.TimedOut)
            {
                return 1;
            }
        }

        using EstreamQueue queue = QueueAccess.Open(directory);
        QueueRecovery recovery = queue.Recovery
            ?? throw new InvalidOperationException($"the queue '{directory}' was opened and not recovered");
        using (QueueTailer tailer = queue.CreateTailer())
        {
            Console.WriteLine($"found {recovery.RecoveredAt} {recovery.EndPosition} {QueueContents.ReadTo(tailer, recovery.EndPosition)}");
        }

        using QueueAppender appender = queue.CreateAppender();
        byte[] buffer = new byte[WriterMessage.MaxBytes];
        appender.Append(buffer.AsSpan(0, WriterMessage.Write(writer, 0, buffer)));
        Console.WriteLine("appended");
        Console.In.ReadToEnd();
        return 0;
    }
}
