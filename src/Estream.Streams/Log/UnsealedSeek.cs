using Estream.Queue;

namespace Estream.Streams.Log;

/// <summary>Moves a tailer to the first message that no seal covers.</summary>
internal static class UnsealedSeek
{
    public static void GoBehind(QueueTailer tailer, long last)
    {
        if (last < 0)
        {
            tailer.SeekToStart();
            return;
        }

        tailer.Seek(last);
        _ = tailer.TryRead(out _);
    }
}
