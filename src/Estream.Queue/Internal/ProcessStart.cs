using System.Diagnostics;

namespace Estream.Queue.Internal;

/// <summary>This process as it is written into the files, for people to read.</summary>
internal static class ProcessStart
{
    /// <summary>When this process started: nanoseconds since 1970-01-01 UTC.</summary>
    public static long Nanos { get; } = ReadStart();

    private static long ReadStart()
    {
        using Process self = Process.GetCurrentProcess();
        return (self.StartTime.ToUniversalTime().Ticks - DateTime.UnixEpoch.Ticks) * 100;
    }
}
