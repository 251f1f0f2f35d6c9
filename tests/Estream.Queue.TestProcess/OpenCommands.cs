using Estream.Core;

namespace Estream.Queue.TestProcess;

/// <summary>Opens a queue at the same moment as other processes.</summary>
internal static class OpenCommands
{
    /// <summary>Opens a queue when the first word of a file is raised. Reports the recovery result and the messages up to the end of the
    /// recovery, then appends one message.</summary>
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
